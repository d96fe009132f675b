package dev.sandpool.server.management;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/**
 * The time that a query is asked for beside its text (ISO 8601): a duration up to now, or two
 * times, or a time and a duration in either order, with a slash between.
 */
record Timespan(Optional<Instant> from, Optional<Instant> to) {
  static final Timespan ALL = new Timespan(Optional.empty(), Optional.empty());

  /**
   * @throws DateTimeException if it is none
   */
  static Timespan parse(String text, Instant now) {
    String[] parts = text.split("/", -1);
    if (parts.length == 1) {
      return new Timespan(Optional.of(now.minus(duration(text))), Optional.of(now));
    }
    if (parts.length > 2) {
      throw new DateTimeException("more than one slash");
    }
    if (parts[0].startsWith("P")) {
      Instant end = OffsetDateTime.parse(parts[1]).toInstant();
      return new Timespan(Optional.of(end.minus(duration(parts[0]))), Optional.of(end));
    }
    Instant start = OffsetDateTime.parse(parts[0]).toInstant();
    Instant end =
        parts[1].startsWith("P")
            ? start.plus(duration(parts[1]))
            : OffsetDateTime.parse(parts[1]).toInstant();
    return new Timespan(Optional.of(start), Optional.of(end));
  }

  private static Duration duration(String text) {
    return Duration.parse(text);
  }
}
