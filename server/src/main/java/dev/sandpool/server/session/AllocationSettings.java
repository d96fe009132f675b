package dev.sandpool.server.session;

import java.time.Duration;

/**
 * What an operator may set of giving sandboxes to identifiers.
 *
 * @param queueBound how many requests may wait for a ready sandbox in each pool, at least 1
 * @param longestCrashPause for an identifier whose sandboxes keep ending by themselves; zero: none
 * @param endIsKnown from the end of a container until the sessions have heard of it
 */
public record AllocationSettings(int queueBound, Duration longestCrashPause, Duration endIsKnown) {
  private static final Duration END_IS_KNOWN = Duration.ofMillis(500);

  /** With what is not for operators to set. */
  public AllocationSettings(int queueBound, Duration longestCrashPause) {
    this(queueBound, longestCrashPause, END_IS_KNOWN);
  }

  /** 1000 requests, one minute. */
  public static AllocationSettings defaults() {
    return new AllocationSettings(1000, Duration.ofMinutes(1));
  }
}
