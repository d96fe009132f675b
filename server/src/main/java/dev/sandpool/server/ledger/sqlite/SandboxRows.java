package dev.sandpool.server.ledger.sqlite;

import dev.sandpool.model.Json;
import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.RevisionId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.Probe;
import dev.sandpool.server.ledger.Reserved;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.secret.DataKey;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Rows of the sandbox table as records; identifiers are sealed there and found by keyed hash. */
record SandboxRows(DataKey key) {
  /** The columns that {@link #read} expects, in its order. */
  static final String COLUMNS =
      "id, pool, revision, slot, network, memory_bytes, target_port, state, address, identifier,"
          + " created_at, ready_at, allocated_at, last_active_at, ended_at, end_reason, liveness,"
          + " milli_cpu, reserved_bytes";

  /** The pool is hashed too, so that one identifier in two pools does not show as the same. */
  byte[] hash(SessionKey session) {
    String text = session.pool().value() + '\0' + session.identifier();
    return key.hash(text.getBytes(StandardCharsets.UTF_8));
  }

  byte[] seal(SessionKey session) {
    return key.seal(session.identifier().getBytes(StandardCharsets.UTF_8));
  }

  SandboxRecord read(ResultSet row) throws SQLException {
    byte @Nullable [] sealed = row.getBytes(10);
    if (sealed == null) {
      return read(row, null);
    }
    var pool = new PoolId(row.getString(2));
    return read(row, new SessionKey(pool, new String(key.open(sealed), StandardCharsets.UTF_8)));
  }

  /** The same where the holder is known: nothing needs to be opened. */
  static SandboxRecord read(ResultSet row, @Nullable SessionKey session) throws SQLException {
    return new SandboxRecord(
        new SandboxId(row.getString(1)),
        new RevisionId(new PoolId(row.getString(2)), row.getInt(3)),
        row.getInt(4),
        NetworkStatus.ofWire(row.getString(5)),
        row.getLong(6),
        row.getInt(7),
        liveness(row.getString(17)),
        SandboxState.valueOf(row.getString(8)),
        row.getString(9),
        session,
        Nanos.read(row, 11),
        Nanos.readNullable(row, 12),
        Nanos.readNullable(row, 13),
        Nanos.readNullable(row, 14),
        Nanos.readNullable(row, 15),
        row.getString(16),
        new Reserved(row.getInt(18), row.getLong(19)));
  }

  private static @Nullable Probe liveness(@Nullable String stored) {
    return stored == null ? null : Json.MAPPER.readValue(stored, Probe.class);
  }

  static @Nullable String stored(@Nullable Probe liveness) {
    return liveness == null ? null : Json.MAPPER.writeValueAsString(liveness);
  }
}
