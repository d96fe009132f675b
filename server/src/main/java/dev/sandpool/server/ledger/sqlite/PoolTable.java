package dev.sandpool.server.ledger.sqlite;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.RevisionId;
import dev.sandpool.server.ledger.DuplicatePoolException;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.ProvisioningState;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.ledger.Revision;
import dev.sandpool.server.secret.DataKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Session pools, each with its ARM document. Sealing is done in the caller's thread. */
final class PoolTable {
  private static final String SELECT =
      """
      SELECT id, resource_id, environment_id, name, generation, max_sessions, ready_sessions,
        cooldown, network, active_number, active, desired_number, desired,
        provisioning, error_code, error_message, changed_at, max_alive FROM pool
      """;

  private final RevisionSeal seal;
  private final OpenRevisions revisions;
  private final ResourceTable resources;

  PoolTable(DataKey key, ResourceTable resources) {
    this.seal = new RevisionSeal(key);
    this.revisions = new OpenRevisions(seal);
    this.resources = resources;
  }

  Job.Work<List<PoolRecord>> list() {
    return db -> db.list(this::read, SELECT + " ORDER BY id");
  }

  Job.Work<List<PoolRecord>> list(String firstResourceId, String lastResourceId) {
    return db ->
        db.list(
            this::read,
            SELECT + " WHERE resource_key BETWEEN ? AND ? ORDER BY resource_key",
            ResourceTable.key(firstResourceId),
            ResourceTable.key(lastResourceId));
  }

  Job.Work<Optional<PoolRecord>> get(PoolId pool) {
    return db -> db.first(this::read, SELECT + " WHERE id = ?", pool.value());
  }

  Job.Work<Integer> put(PoolRecord pool, ResourceRecord document) {
    if (!document.id().equalsIgnoreCase(pool.resourceId())) {
      throw new IllegalArgumentException(
          "document of " + document.id() + " put with pool " + pool.resourceId());
    }
    Job.Work<Integer> upsert = upsert(pool);
    Job.Work<Integer> putDocument = resources.put(document);
    return db -> {
      refuseDuplicate(db, pool);
      upsert.run(db);
      int put = putDocument.run(db);
      UsageTable.name(db, pool.id());
      return put;
    };
  }

  private static void refuseDuplicate(Db db, PoolRecord pool) throws SQLException {
    Optional<String> other =
        db.first(
            row -> row.getString(1),
            """
            SELECT resource_id FROM pool WHERE id <> ?
              AND (resource_key = ? OR (environment_key = ? AND name_key = ?))
            """,
            pool.id().value(),
            ResourceTable.key(pool.resourceId()),
            ResourceTable.key(pool.environmentId()),
            ResourceTable.key(pool.name()));
    if (other.isPresent()) {
      throw new DuplicatePoolException("there is a session pool " + other.get());
    }
  }

  private Job.Work<Integer> upsert(PoolRecord pool) {
    @Nullable Object[] values = values(pool);
    return db ->
        db.update(
            """
            INSERT INTO pool AS old (generation, max_sessions, ready_sessions, cooldown, network,
              active_number, active, desired_number, desired, provisioning, error_code,
              error_message, changed_at, resource_key, environment_key, name_key, resource_id,
              environment_id, name, id, max_alive)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET generation = excluded.generation,
              max_sessions = excluded.max_sessions, ready_sessions = excluded.ready_sessions,
              cooldown = excluded.cooldown, max_alive = excluded.max_alive,
              network = excluded.network,
              active = iif(old.active_number > coalesce(excluded.active_number, 0),
                old.active, excluded.active),
              active_number = iif(old.active_number > coalesce(excluded.active_number, 0),
                old.active_number, excluded.active_number),
              desired_number = excluded.desired_number, desired = excluded.desired,
              provisioning = excluded.provisioning, error_code = excluded.error_code,
              error_message = excluded.error_message, changed_at = excluded.changed_at,
              resource_key = excluded.resource_key, environment_key = excluded.environment_key,
              name_key = excluded.name_key, resource_id = excluded.resource_id,
              environment_id = excluded.environment_id, name = excluded.name
            """,
            values);
  }

  Job.Work<Boolean> update(PoolRecord pool) {
    @Nullable Object[] values = values(pool);
    return db ->
        db.update(
                """
                UPDATE pool SET generation = ?1, max_sessions = ?2, ready_sessions = ?3,
                  cooldown = ?4, network = ?5, active_number = ?6, active = ?7,
                  desired_number = ?8, desired = ?9, provisioning = ?10, error_code = ?11,
                  error_message = ?12, changed_at = ?13, resource_key = ?14,
                  environment_key = ?15, name_key = ?16, resource_id = ?17, environment_id = ?18,
                  name = ?19, max_alive = ?21
                WHERE id = ?20 AND generation = ?1 AND (provisioning <> 'DELETING' OR ?10 = 'DELETING')
                """,
                values)
            > 0;
  }

  private @Nullable Object[] values(PoolRecord pool) {
    Revision active = pool.active();
    return new @Nullable Object[] {
      pool.generation(),
      pool.maxSessions(),
      pool.readySessions(),
      LifecycleColumns.cooldown(pool.lifecycle()),
      pool.network().wire(),
      active == null ? null : active.id().number(),
      active == null ? null : seal.seal(active),
      pool.desired().id().number(),
      seal.seal(pool.desired()),
      pool.provisioning().state().name(),
      pool.provisioning().code(),
      pool.provisioning().message(),
      Nanos.of(pool.changedAt()),
      ResourceTable.key(pool.resourceId()),
      ResourceTable.key(pool.environmentId()),
      ResourceTable.key(pool.name()),
      pool.resourceId(),
      pool.environmentId(),
      pool.name(),
      pool.id().value(),
      LifecycleColumns.maxAlive(pool.lifecycle())
    };
  }

  Job.Work<Integer> delete(PoolId pool) {
    return db -> {
      int alive =
          db.first(
                  row -> row.getInt(1),
                  "SELECT count(*) FROM sandbox WHERE pool = ? AND state <> 'GONE'",
                  pool.value())
              .orElse(0);
      if (alive > 0) {
        throw new IllegalStateException("pool " + pool + " still has " + alive + " sandboxes");
      }
      // '0' is the character after '/': with the pool goes what lies below it.
      db.update(
          """
          DELETE FROM resource WHERE id_key IN (
            SELECT r.id_key FROM pool p JOIN resource r ON r.id_key = p.resource_key
              OR (r.id_key >= p.resource_key || '/' AND r.id_key < p.resource_key || '0')
            WHERE p.id = ?)
          """,
          pool.value());
      db.update("DELETE FROM pool_usage WHERE pool = ?", pool.value());
      revisions.forget(pool);
      return db.update("DELETE FROM pool WHERE id = ?", pool.value());
    };
  }

  private PoolRecord read(ResultSet row) throws SQLException {
    var id = new PoolId(row.getString(1));
    int activeNumber = row.getInt(10);
    Revision active =
        row.wasNull() ? null : revisions.open(new RevisionId(id, activeNumber), row.getBytes(11));
    return new PoolRecord(
        id,
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getInt(5),
        row.getInt(6),
        row.getInt(7),
        LifecycleColumns.read(row),
        NetworkStatus.ofWire(row.getString(9)),
        active,
        revisions.open(new RevisionId(id, row.getInt(12)), row.getBytes(13)),
        new PoolRecord.Provisioning(
            ProvisioningState.valueOf(row.getString(14)), row.getString(15), row.getString(16)),
        Nanos.read(row, 17));
  }
}
