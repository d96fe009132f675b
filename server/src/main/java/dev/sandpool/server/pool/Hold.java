package dev.sandpool.server.pool;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Whether starts and claims are held back on the whole host, and why. */
final class Hold {
  private static final long LOOK_AGAIN_MILLIS = 100;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition released = lock.newCondition();
  private volatile @Nullable String reason;

  /** Null if nothing is held back. */
  @Nullable String reason() {
    return reason;
  }

  /** Holds back, or releases where {@code next} is null. */
  void set(@Nullable String next) {
    lock.lock();
    try {
      reason = next;
      released.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits as long as it holds back and waiting is not pointless. */
  void await(BooleanSupplier pointless) throws InterruptedException {
    if (reason == null) {
      return;
    }
    lock.lock();
    try {
      while (reason != null && !pointless.getAsBoolean()) {
        released.await(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
      }
    } finally {
      lock.unlock();
    }
  }
}
