package dev.sandpool.server.session;

import java.time.Duration;

/**
 * What an operator may set of giving sandboxes to identifiers.
 *
 * @param queueBound how many requests may wait for a ready sandbox in each pool, at least 1
 * @param longestCrashPause for an identifier whose sandboxes keep ending by themselves; zero: none
 */
public record AllocationSettings(int queueBound, Duration longestCrashPause) {
  /** 1000 requests, one minute. */
  public static AllocationSettings defaults() {
    return new AllocationSettings(1000, Duration.ofMinutes(1));
  }
}
