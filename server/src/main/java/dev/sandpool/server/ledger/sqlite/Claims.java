package dev.sandpool.server.ledger.sqlite;

import dev.sandpool.server.ledger.ClaimResult;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.time.Uptime;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/**
 * SQLite's claim: one statement decides and acts; why it did not act is asked after it, in the same
 * transaction. The counters follow by trigger.
 */
record Claims(SandboxRows rows, Uptime uptime) {
  /** Every index and the pool's row are found by equality, so its cost is that of one sandbox. */
  static final String CLAIM =
      """
      UPDATE sandbox SET state = 'ALLOCATED', identifier_hash = ?1, identifier = ?2,
        allocated_at = ?3, last_active_at = ?3, allocated_up = ?5
      WHERE id = (
        SELECT s.id FROM pool p
          CROSS JOIN sandbox s ON s.pool = p.id AND s.revision = p.active_number
            AND s.network = p.network AND s.state = 'READY'
        WHERE p.id = ?4 AND p.provisioning <> 'DELETING'
          AND p.max_sessions > coalesce((SELECT allocated FROM pool_usage u WHERE u.pool = p.id), 0)
          AND NOT EXISTS (SELECT 1 FROM sandbox h WHERE h.pool = ?4 AND h.identifier_hash = ?1
            AND h.state IN ('ALLOCATED', 'STOPPING'))
        ORDER BY s.ready_at, s.id LIMIT 1)
      RETURNING
      """
          + SandboxRows.COLUMNS
          + ", (SELECT cooldown FROM pool p WHERE p.id = sandbox.pool) AS cooldown"
          + ", (SELECT max_alive FROM pool p WHERE p.id = sandbox.pool) AS max_alive";

  private static final String HELD =
      "SELECT "
          + SandboxRows.COLUMNS
          + " FROM sandbox WHERE pool = ? AND identifier_hash = ?"
          + " AND state IN ('ALLOCATED', 'STOPPING')";

  private static final String USAGE =
      """
      SELECT p.max_sessions, coalesce(u.allocated, 0)
      FROM pool p LEFT JOIN pool_usage u ON u.pool = p.id
      WHERE p.id = ? AND p.provisioning <> 'DELETING'
      """;

  private record Usage(int max, int allocated) {
    static Usage read(ResultSet row) throws SQLException {
      return new Usage(row.getInt(1), row.getInt(2));
    }
  }

  Job.Work<ClaimResult> claim(SessionKey key, Instant now) {
    byte[] hash = rows.hash(key);
    byte[] sealed = rows.seal(key);
    long nanos = Nanos.of(now);
    return db -> {
      Optional<ClaimResult> claimed =
          db.first(
              row -> claimed(row, key),
              CLAIM,
              hash,
              sealed,
              nanos,
              key.pool().value(),
              uptime.nanos());
      return claimed.isPresent() ? claimed.get() : whyNot(db, key, hash);
    };
  }

  private static ClaimResult claimed(ResultSet row, SessionKey key) throws SQLException {
    return new ClaimResult.Claimed(SandboxRows.read(row, key), LifecycleColumns.read(row));
  }

  private static ClaimResult whyNot(Db db, SessionKey key, byte[] hash) throws SQLException {
    Optional<Usage> usage = db.first(Usage::read, USAGE, key.pool().value());
    if (usage.isEmpty()) {
      return new ClaimResult.NoPool();
    }
    Optional<SandboxRecord> held =
        db.first(row -> SandboxRows.read(row, key), HELD, key.pool().value(), hash);
    if (held.isPresent()) {
      return new ClaimResult.AlreadyHeld(held.get());
    }
    int max = usage.get().max();
    return usage.get().allocated() >= max ? new ClaimResult.Full(max) : new ClaimResult.NoneReady();
  }
}
