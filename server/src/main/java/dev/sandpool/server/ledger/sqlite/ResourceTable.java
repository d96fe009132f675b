package dev.sandpool.server.ledger.sqlite;

import dev.sandpool.server.ledger.ResourceRecord;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** ARM documents, found by id without regard to case. */
final class ResourceTable {
  private static final String COLUMNS =
      "id, type, document, created_by, created_at, modified_by, modified_at";

  Job.Work<Optional<ResourceRecord>> get(String id) {
    return db ->
        db.first(
            ResourceTable::read, "SELECT " + COLUMNS + " FROM resource WHERE id_key = ?", key(id));
  }

  Job.Work<List<ResourceRecord>> list(String type, String scope) {
    return list(type, scope, "", Integer.MAX_VALUE);
  }

  Job.Work<List<ResourceRecord>> list(String type, String scope, String after, int limit) {
    String key = key(scope);
    String root = key.endsWith("/") ? key.substring(0, key.length() - 1) : key;
    // '0' is the character after '/': the range holds what continues with a further segment.
    return db ->
        db.list(
            ResourceTable::read,
            "SELECT "
                + COLUMNS
                + " FROM resource WHERE type_key = ?"
                + " AND (id_key = ? OR (id_key >= ? AND id_key < ?))"
                + " AND id_key > ? ORDER BY id_key LIMIT ?",
            key(type),
            root,
            root + "/",
            root + "0",
            key(after),
            limit);
  }

  /** Creates or replaces; the id keeps the spelling that it was first written with. */
  Job.Work<Integer> put(ResourceRecord resource) {
    return db ->
        db.update(
            """
            INSERT INTO resource (id_key, id, type_key, type, document,
              created_by, created_at, modified_by, modified_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id_key) DO UPDATE SET type_key = excluded.type_key, type = excluded.type,
              document = excluded.document, created_by = excluded.created_by,
              created_at = excluded.created_at, modified_by = excluded.modified_by,
              modified_at = excluded.modified_at
            """,
            key(resource.id()),
            resource.id(),
            key(resource.type()),
            resource.type(),
            resource.document(),
            resource.createdBy(),
            Nanos.of(resource.createdAt()),
            resource.modifiedBy(),
            Nanos.of(resource.modifiedAt()));
  }

  Job.Work<Integer> delete(String id) {
    return db -> db.update("DELETE FROM resource WHERE id_key = ?", key(id));
  }

  /** What ids, types and names are compared by. */
  static String key(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  private static ResourceRecord read(ResultSet row) throws SQLException {
    return new ResourceRecord(
        row.getString(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        Nanos.read(row, 5),
        row.getString(6),
        Nanos.read(row, 7));
  }
}
