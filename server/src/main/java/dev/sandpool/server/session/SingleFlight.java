package dev.sandpool.server.session;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** An allocation under way for one key; those who come for the same key wait for it. */
final class SingleFlight {
  private final CountDownLatch done = new CountDownLatch(1);

  void done() {
    done.countDown();
  }

  /** Waits until it is done; false when time is up first. */
  boolean await(long atMostNanos) throws InterruptedException {
    return done.await(atMostNanos, TimeUnit.NANOSECONDS);
  }
}
