package dev.sandpool.server.ledger.sqlite;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Instants as they are stored: nanoseconds since 1970, exact from 1678 to 2262, cut to that span.
 */
final class Nanos {
  private static final long PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  private Nanos() {}

  static long of(Instant instant) {
    long seconds = instant.getEpochSecond();
    if (Math.abs(seconds) >= Long.MAX_VALUE / PER_SECOND) {
      return seconds < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
    return seconds * PER_SECOND + instant.getNano();
  }

  static @Nullable Long ofNullable(@Nullable Instant instant) {
    return instant == null ? null : of(instant);
  }

  static Instant read(ResultSet row, int column) throws SQLException {
    return toInstant(row.getLong(column));
  }

  static @Nullable Instant readNullable(ResultSet row, int column) throws SQLException {
    long nanos = row.getLong(column);
    return row.wasNull() ? null : toInstant(nanos);
  }

  private static Instant toInstant(long nanos) {
    return Instant.ofEpochSecond(
        Math.floorDiv(nanos, PER_SECOND), Math.floorMod(nanos, PER_SECOND));
  }
}
