package dev.sandpool.server.logs.query;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What can be done with values. */
final class Values {
  private Values() {}

  /** Of one type, or two numbers. */
  @SuppressWarnings({"unchecked", "rawtypes"}) // Binder lets only values of one type meet.
  static int compare(Object left, Object right) {
    if (left instanceof Number first && right instanceof Number second) {
      return left instanceof Long && right instanceof Long
          ? Long.compare(first.longValue(), second.longValue())
          : Double.compare(first.doubleValue(), second.doubleValue());
    }
    return ((Comparable) left).compareTo(right);
  }

  /** Nothing comes before everything. */
  static int compareNullable(@Nullable Object left, @Nullable Object right) {
    if (left == null || right == null) {
      return left == null ? (right == null ? 0 : -1) : 1;
    }
    return compare(left, right);
  }

  static boolean positive(Object value) {
    return value instanceof Duration span ? span.isPositive() : value instanceof Long it && it > 0;
  }

  /** The beginning of the step that a time lies in, counted from 1970. */
  static Instant bin(Instant at, Duration step) {
    long nanos = step.toNanos();
    // Down to 1678, up to 2262: rows lie in between.
    long since =
        Math.addExact(Math.multiplyExact(at.getEpochSecond(), 1_000_000_000L), at.getNano());
    return at.minusNanos(Math.floorMod(since, nanos));
  }

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  static int bytes(@Nullable Object value) {
    return value instanceof String text ? 40 + text.length() : 24;
  }
}
