package dev.sandpool.server.session;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A bound on how often something may happen: so many at once, then evenly. Kept as the moment at
 * which all that was taken will have been earned (the generic cell rate algorithm). Thread-safe,
 * never waits.
 */
public final class Rate {
  private final AtomicLong earned;

  /** Nothing has been taken. */
  public Rate(long nowNanos) {
    this.earned = new AtomicLong(nowNanos);
  }

  /**
   * Takes one if it may be taken now.
   *
   * @param many how many may be taken at once, and in each {@code period}
   * @return 0 if it was taken, or how many nanoseconds to wait before it can be
   */
  public long take(long nowNanos, int many, long periodNanos) {
    long each = Math.max(1, periodNanos / many);
    while (true) {
      long seen = earned.get();
      long from = seen - nowNanos < 0 ? nowNanos : seen;
      long wait = from + each - nowNanos - periodNanos;
      if (wait > 0) {
        return wait;
      }
      if (earned.compareAndSet(seen, from + each)) {
        return 0;
      }
    }
  }

  /** Takes one back that was not used after all. */
  public void giveBack(int many, long periodNanos) {
    earned.addAndGet(-Math.max(1, periodNanos / many));
  }

  /** Whether nothing is taken at the moment. */
  public boolean isFull(long nowNanos) {
    return earned.get() - nowNanos <= 0;
  }

  /** Whole seconds, at least 1, that a caller is told to wait. */
  public static int seconds(long nanos) {
    long second = TimeUnit.SECONDS.toNanos(1);
    return Math.clamp((nanos + second - 1) / second, 1, Integer.MAX_VALUE);
  }
}
