package dev.sandpool.server.export;

import java.time.Duration;
import java.util.Optional;

/** What came of handing something on. */
sealed interface Answer {
  /**
   * The receiver has it.
   *
   * @param refused how many of the items it did not want, which must not be sent again
   * @param says why
   */
  record Taken(long refused, String says) implements Answer {}

  /**
   * The receiver is away or has too much to do: the same must be sent again.
   *
   * @param after what it asked for
   */
  record Later(Optional<Duration> after, String says) implements Answer {}

  /** It is too much at once. */
  record TooLarge(String says) implements Answer {}

  /** The receiver will never take it. */
  record Refused(String says) implements Answer {}
}
