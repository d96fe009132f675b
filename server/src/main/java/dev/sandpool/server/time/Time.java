package dev.sandpool.server.time;

import java.time.Instant;

/**
 * The two clocks: wall time for display and tokens, monotonic time for idleness, lifetimes and
 * deadlines, which must not move when somebody sets the clock.
 */
public interface Time {
  /** Wall time. */
  Instant now();

  /** Monotonic nanoseconds, comparable only with each other. */
  long nanos();

  /** The machine's clocks. */
  static Time system() {
    return new Time() {
      @Override
      public Instant now() {
        return Instant.now();
      }

      @Override
      public long nanos() {
        return System.nanoTime();
      }
    };
  }
}
