package dev.sandpool.server.ledger.sqlite;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;

/**
 * Brings a ledger to the schema of this code: numbered scripts, each run once and in one
 * transaction, its checksum kept. A script that was released is never changed; another is added.
 */
final class Migrator {
  /** In order; the number of a script is its place, from 1. */
  private static final List<String> SCRIPTS =
      List.of(
          "0001-first.sql",
          "0002-lifecycle-and-probes.sql",
          "0003-usage.sql",
          "0004-usage-of-sandboxes.sql");

  /** "SPLG": what {@code file} and this class tell a ledger by. */
  private static final int APPLICATION_ID = 0x53504C47;

  private Migrator() {}

  private record Applied(int version, String name, String checksum) {}

  /**
   * Runs the scripts that the ledger has not seen.
   *
   * @param place names the ledger in messages
   * @throws IOException if the file is no ledger, or was written by a newer or another version
   */
  static void migrate(Db db, Object place) throws IOException, SQLException {
    refuseForeign(db, place);
    db.script(
        "CREATE TABLE IF NOT EXISTS migration"
            + " (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL) STRICT");
    List<Applied> applied =
        db.list(
            row -> new Applied(row.getInt(1), row.getString(2), row.getString(3)),
            "SELECT version, name, checksum FROM migration ORDER BY version");
    if (!applied.isEmpty() && applied.getLast().version() > SCRIPTS.size()) {
      throw new IOException(
          "ledger %s was written by a newer Sandpool: its schema is version %d, this one knows %d. Run the newer one, or restore a backup from before the upgrade"
              .formatted(place, applied.getLast().version(), SCRIPTS.size()));
    }
    for (Applied one : applied) {
      check(one, place);
    }
    for (int version = applied.size() + 1; version <= SCRIPTS.size(); version++) {
      apply(db, version);
    }
  }

  private static void refuseForeign(Db db, Object place) throws IOException, SQLException {
    int id = db.first(row -> row.getInt(1), "PRAGMA application_id").orElse(0);
    int tables = db.first(row -> row.getInt(1), "SELECT count(*) FROM sqlite_schema").orElse(0);
    if (id != APPLICATION_ID && tables > 0) {
      throw new IOException(place + " is a database, but not a ledger of Sandpool");
    }
    if (id != APPLICATION_ID) {
      db.script("PRAGMA application_id = " + APPLICATION_ID);
    }
  }

  private static void check(Applied applied, Object place) throws IOException {
    String name = SCRIPTS.get(applied.version() - 1);
    String checksum = checksum(script(name));
    if (!checksum.equals(applied.checksum())) {
      throw new IOException(
          "ledger %s was made by another %s (checksum %s, here %s)"
              .formatted(place, name, applied.checksum(), checksum));
    }
  }

  private static void apply(Db db, int version) throws IOException, SQLException {
    String name = SCRIPTS.get(version - 1);
    String script = script(name);
    db.run("BEGIN IMMEDIATE");
    try {
      db.script(script);
      db.update(
          "INSERT INTO migration (version, name, checksum) VALUES (?, ?, ?)",
          version,
          name,
          checksum(script));
      db.run("COMMIT");
    } catch (SQLException e) {
      db.run("ROLLBACK");
      throw e;
    }
  }

  private static String script(String name) throws IOException {
    try (InputStream in = Migrator.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("migration " + name + " is missing from this build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String checksum(String script) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("SHA-256 is missing from this JDK", e);
    }
  }
}
