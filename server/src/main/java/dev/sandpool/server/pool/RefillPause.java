package dev.sandpool.server.pool;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/**
 * What leaves requests that took sandboxes alone: starting the next ones keeps all processors busy,
 * and callers who are being served would wait for it. While further ones are taken the refill is
 * put off, a quarter of a second at most; where callers wait for sandboxes, nobody asks for a
 * pause.
 */
final class RefillPause {
  static final Duration PAUSE = Duration.ofMillis(50);
  static final int MOST_PAUSES = 5;

  private final BiConsumer<Duration, Runnable> later;
  private final Runnable refill;
  private final AtomicInteger taken = new AtomicInteger();

  /**
   * @param later runs something after a pause
   */
  RefillPause(BiConsumer<Duration, Runnable> later, Runnable refill) {
    this.later = later;
    this.refill = refill;
  }

  /** A sandbox has been taken; from any thread, at once. */
  void taken() {
    if (taken.getAndIncrement() == 0) {
      later.accept(PAUSE, () -> look(1, 1));
    }
  }

  private void look(int seen, int pauses) {
    int now = taken.get();
    if (now > seen && pauses < MOST_PAUSES) {
      later.accept(PAUSE, () -> look(now, pauses + 1));
    } else {
      // Before the refill, which so sees whoever set no pause of its own.
      taken.set(0);
      refill.run();
    }
  }
}
