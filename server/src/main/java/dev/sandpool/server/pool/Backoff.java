package dev.sandpool.server.pool;

import java.time.Duration;

/**
 * How long to wait before a revision whose sandboxes keep failing is tried again: nothing after the
 * first failure, then doubling from {@code first} to {@code most}.
 */
public record Backoff(Duration first, Duration most) {
  /** One second to one minute. */
  public static final Backoff DEFAULT = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));

  /** The pause after that many failures in a row. */
  public Duration after(int failures) {
    if (failures <= 1) {
      return Duration.ZERO;
    }
    int doublings = Math.min(failures - 2, 30);
    Duration pause = first.multipliedBy(1L << doublings);
    return pause.compareTo(most) < 0 ? pause : most;
  }
}
