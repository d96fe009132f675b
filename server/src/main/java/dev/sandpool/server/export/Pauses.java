package dev.sandpool.server.export;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait after so many failures in a row: twice as long each time, up to a bound, and not
 * at the same moment as everybody else.
 */
record Pauses(Duration first, Duration longest, RandomGenerator random) {
  private static final int MOST_DOUBLINGS = 20;

  /**
   * The pause.
   *
   * @param failures at least 1
   */
  Duration after(int failures) {
    long millis = first.toMillis() << Math.min(failures - 1, MOST_DOUBLINGS);
    long bounded = Math.min(millis, longest.toMillis());
    return Duration.ofMillis(bounded / 2 + random.nextLong(bounded / 2 + 1));
  }

  /** The pause that a receiver asked for, which may not be for ever. */
  Duration bounded(Duration asked) {
    Duration most = longest.multipliedBy(10);
    return asked.compareTo(most) > 0 ? most : asked;
  }
}
