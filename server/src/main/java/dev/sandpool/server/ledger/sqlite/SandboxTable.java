package dev.sandpool.server.ledger.sqlite;

import dev.sandpool.model.Json;
import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.RevisionId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.SandboxCount;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.time.Uptime;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Sandboxes on their one way from Starting to Gone; each step names the states it may be from. */
final class SandboxTable {
  private static final String SELECT = "SELECT " + SandboxRows.COLUMNS + " FROM sandbox";

  private final SandboxRows rows;
  private final Uptime uptime;
  private final UsageTable usage;

  SandboxTable(SandboxRows rows, Uptime uptime, UsageTable usage) {
    this.rows = rows;
    this.uptime = uptime;
    this.usage = usage;
  }

  Job.Work<Optional<SandboxRecord>> get(SandboxId sandbox) {
    return db -> db.first(rows::read, SELECT + " WHERE id = ?", sandbox.value());
  }

  Job.Work<List<SandboxRecord>> list() {
    return db -> db.list(rows::read, SELECT);
  }

  Job.Work<List<SandboxRecord>> list(PoolId pool) {
    return db -> db.list(rows::read, SELECT + " WHERE pool = ? AND state <> 'GONE'", pool.value());
  }

  Job.Work<List<SandboxCount>> counts(Collection<PoolId> pools) {
    String ids = Json.MAPPER.writeValueAsString(pools.stream().map(PoolId::value).toList());
    // The join's order is the one written: from the few pools to what each has alive.
    return db ->
        db.list(
            SandboxTable::count,
            """
            SELECT s.pool, s.revision, s.network, s.state, count(*)
            FROM json_each(?) asked CROSS JOIN sandbox s
              ON s.pool = asked.value AND s.state <> 'GONE'
            GROUP BY s.pool, s.revision, s.network, s.state
            """,
            ids);
  }

  private static SandboxCount count(ResultSet row) throws SQLException {
    return new SandboxCount(
        new RevisionId(new PoolId(row.getString(1)), row.getInt(2)),
        NetworkStatus.ofWire(row.getString(3)),
        SandboxState.valueOf(row.getString(4)),
        row.getInt(5));
  }

  Job.Work<Integer> recordStarting(SandboxRecord sandbox) {
    if (sandbox.state() != SandboxState.STARTING) {
      throw new IllegalArgumentException(
          "sandbox " + sandbox.id() + " is recorded as " + sandbox.state() + ", not STARTING");
    }
    return db -> {
      int inserted =
          db.update(
              """
              INSERT INTO sandbox (id, pool, revision, slot, network, memory_bytes, target_port,
                state, created_at, liveness, milli_cpu, reserved_bytes)
              VALUES (?, ?, ?, ?, ?, ?, ?, 'STARTING', ?, ?, ?, ?) ON CONFLICT DO NOTHING
              """,
              sandbox.id().value(),
              sandbox.pool().value(),
              sandbox.revision().number(),
              sandbox.slot(),
              sandbox.network().wire(),
              sandbox.memoryBytes(),
              sandbox.targetPort(),
              Nanos.of(sandbox.createdAt()),
              SandboxRows.stored(sandbox.liveness()),
              sandbox.reserved().milliCpu(),
              sandbox.reserved().memoryBytes());
      if (inserted == 0) {
        throw new IllegalStateException(
            "sandbox %s or slot %d is taken".formatted(sandbox.id(), sandbox.slot()));
      }
      return inserted;
    };
  }

  Job.Work<Boolean> markReady(SandboxId sandbox, String address, Instant now) {
    return db ->
        db.update(
                """
                UPDATE sandbox SET state = 'READY', address = ?, ready_at = ?, ready_up = ?
                WHERE id = ? AND state = 'STARTING'
                """,
                address,
                Nanos.of(now),
                uptime.nanos(),
                sandbox.value())
            > 0;
  }

  Job.Work<Boolean> markStopping(SandboxId sandbox, String reason) {
    return db ->
        db.update(
                """
                UPDATE sandbox SET state = 'STOPPING', end_reason = ?,
                  stopping_up = coalesce(stopping_up, ?)
                WHERE id = ? AND state IN ('STARTING', 'READY', 'ALLOCATED')
                """,
                reason,
                uptime.nanos(),
                sandbox.value())
            > 0;
  }

  Job.Work<Boolean> markRetired(SandboxId sandbox, String reason) {
    return db ->
        db.update(
                """
                UPDATE sandbox SET state = 'STOPPING', end_reason = ?,
                  stopping_up = coalesce(stopping_up, ?)
                WHERE id = ? AND state IN ('STARTING', 'READY')
                """,
                reason,
                uptime.nanos(),
                sandbox.value())
            > 0;
  }

  Job.Work<Integer> markNetwork(SandboxId sandbox, NetworkStatus network) {
    return db ->
        db.update("UPDATE sandbox SET network = ? WHERE id = ?", network.wire(), sandbox.value());
  }

  Job.Work<Integer> markGone(SandboxId sandbox, Instant now) {
    return db -> {
      int made =
          db.update(
              """
              UPDATE sandbox SET state = 'GONE', ended_at = ?,
                stopping_up = coalesce(stopping_up, ?)
              WHERE id = ? AND state <> 'GONE'
              """,
              Nanos.of(now),
              uptime.nanos(),
              sandbox.value());
      if (made > 0) {
        usage.settle(db, sandbox);
      }
      return made;
    };
  }

  Job.Work<Integer> forget(Collection<SandboxId> rested) {
    return db -> {
      int forgotten = 0;
      for (SandboxId sandbox : rested) {
        forgotten +=
            db.update("DELETE FROM sandbox WHERE id = ? AND state = 'GONE'", sandbox.value());
      }
      return forgotten;
    };
  }

  Job.Work<Integer> noteActivity(List<Map.Entry<SandboxId, Instant>> lastActive) {
    return db -> {
      int noted = 0;
      for (Map.Entry<SandboxId, Instant> entry : lastActive) {
        noted +=
            db.update(
                """
                UPDATE sandbox SET last_active_at = ?1
                WHERE id = ?2 AND state = 'ALLOCATED' AND last_active_at < ?1
                """,
                Nanos.of(entry.getValue()),
                entry.getKey().value());
      }
      return noted;
    };
  }

  Job.Work<Integer> raiseClaimCount(long atLeast) {
    return db ->
        db.update("UPDATE counter SET value = max(value, ?) WHERE name = 'claims'", atLeast);
  }

  Job.Work<Long> claimCount() {
    return db ->
        db.first(row -> row.getLong(1), "SELECT value FROM counter WHERE name = 'claims'")
            .orElseThrow(() -> new IllegalStateException("the ledger has lost its claim counter"));
  }
}
