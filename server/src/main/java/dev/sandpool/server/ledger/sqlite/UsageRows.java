package dev.sandpool.server.ledger.sqlite;

import dev.sandpool.server.ledger.UsageAmounts;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Rows of usage: of a pool and an hour, and of a sandbox and an hour. What is added to one is added
 * to the other in the same transaction, so a pool's sum is always that of its sandboxes.
 */
final class UsageRows {
  static final long HOUR_SECONDS = TimeUnit.HOURS.toSeconds(1);

  private static final String ADD =
      """
      INSERT INTO %s (hour, %s, ready, allocated, cpu, memory, used_cpu, used_memory, sessions,
        session_hours, requests, bytes_in, bytes_out)
      VALUES (?, %s, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (hour, %s) DO UPDATE SET ready = ready + excluded.ready,
        allocated = allocated + excluded.allocated, cpu = cpu + excluded.cpu,
        memory = memory + excluded.memory, used_cpu = used_cpu + excluded.used_cpu,
        used_memory = used_memory + excluded.used_memory, sessions = sessions + excluded.sessions,
        session_hours = session_hours + excluded.session_hours,
        requests = requests + excluded.requests, bytes_in = bytes_in + excluded.bytes_in,
        bytes_out = bytes_out + excluded.bytes_out
      """;

  private static final String ADD_TO_POOL = ADD.formatted("usage_hour", "pool", "?", "pool");
  private static final String ADD_TO_SANDBOX =
      ADD.formatted("usage_sandbox", "pool, sandbox", "?, ?", "sandbox");

  private UsageRows() {}

  /** Adds to both rows of that hour. */
  static void add(Db db, long hour, String pool, String sandbox, UsageAmounts amounts)
      throws SQLException {
    if (amounts.equals(UsageAmounts.NONE)) {
      return;
    }
    db.update(ADD_TO_POOL, values(amounts, hour, pool));
    db.update(ADD_TO_SANDBOX, values(amounts, hour, pool, sandbox));
  }

  private static Object[] values(UsageAmounts amounts, Object... keys) {
    Object[] measured = {
      amounts.readyMicros(),
      amounts.allocatedMicros(),
      amounts.milliCpuMillis(),
      amounts.mebibyteMillis(),
      amounts.cpuMicros(),
      amounts.usedMebibyteMillis(),
      amounts.sessions(),
      amounts.sessionHours(),
      amounts.requests(),
      amounts.bytesIn(),
      amounts.bytesOut()
    };
    Object[] values = Arrays.copyOf(keys, keys.length + measured.length);
    System.arraycopy(measured, 0, values, keys.length, measured.length);
    return values;
  }

  static UsageAmounts amounts(ResultSet row) throws SQLException {
    return new UsageAmounts(
        row.getLong("ready"),
        row.getLong("allocated"),
        row.getLong("cpu"),
        row.getLong("memory"),
        row.getLong("used_cpu"),
        row.getLong("used_memory"),
        row.getLong("sessions"),
        row.getLong("session_hours"),
        row.getLong("requests"),
        row.getLong("bytes_in"),
        row.getLong("bytes_out"));
  }

  static @Nullable Long nullable(ResultSet row, int column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? null : value;
  }

  /** Counted from 1970. */
  static long hour(Instant time) {
    return Math.floorDiv(time.getEpochSecond(), HOUR_SECONDS);
  }
}
