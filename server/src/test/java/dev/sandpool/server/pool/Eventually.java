package dev.sandpool.server.pool;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/** Waits of tests for what other threads do: patient, for busy machines, and soon over. */
final class Eventually {
  private Eventually() {}

  /** Until it holds. */
  static void until(Callable<Boolean> condition) {
    await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(5)).until(condition);
  }

  /** Until it is open, or the thread is interrupted. */
  static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
