package dev.sandpool.server.ledger;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a sandbox reserved from Ready to its end, hour by hour. Pure.
 *
 * <p>How long is told by uptimes, in which hour by the wall clock when it was ready: a clock that
 * is set meanwhile moves seconds to other hours and makes none.
 *
 * @param readyAt by the wall clock
 * @param readyNanos the same as uptime
 * @param allocatedNanos when a session got it, as uptime; null if none has
 * @param endNanos when it began to stop, or now, as uptime
 */
public record MeteredLife(
    Instant readyAt,
    long readyNanos,
    @Nullable Long allocatedNanos,
    long endNanos,
    Reserved reserved) {
  private static final long HOUR = TimeUnit.HOURS.toMicros(1);

  /** What falls into each hour, counted from 1970. */
  public NavigableMap<Long, UsageAmounts> byHour() {
    NavigableMap<Long, UsageAmounts> hours = new TreeMap<>();
    long ready = Duration.between(Instant.EPOCH, readyAt).toNanos() / 1000;
    LongUnaryOperator wall = up -> ready + Math.max(0, up - readyNanos) / 1000;
    long end = wall.applyAsLong(endNanos);
    long allocated = allocatedNanos == null ? end : Math.min(end, wall.applyAsLong(allocatedNanos));
    spread(hours, ready, allocated, micros -> UsageAmounts.ready(micros, reserved));
    if (allocatedNanos != null) {
      spread(hours, allocated, end, micros -> UsageAmounts.allocated(micros, reserved));
      begin(hours, allocated, end);
    }
    return hours;
  }

  private interface Piece {
    UsageAmounts of(long micros);
  }

  private static void spread(Map<Long, UsageAmounts> hours, long from, long to, Piece piece) {
    for (long at = from; at < to; ) {
      long hour = Math.floorDiv(at, HOUR);
      long until = Math.min(to, (hour + 1) * HOUR);
      add(hours, hour, piece.of(until - at));
      at = until;
    }
  }

  private static void begin(Map<Long, UsageAmounts> hours, long from, long end) {
    add(hours, Math.floorDiv(from, HOUR), UsageAmounts.begun(1, 1));
    for (long at = from + HOUR; at < end; at += HOUR) {
      add(hours, Math.floorDiv(at, HOUR), UsageAmounts.begun(0, 1));
    }
  }

  private static void add(Map<Long, UsageAmounts> hours, long hour, UsageAmounts more) {
    hours.merge(hour, more, UsageAmounts::plus);
  }
}
