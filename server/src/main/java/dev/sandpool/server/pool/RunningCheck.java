package dev.sandpool.server.pool;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A check that may be under way, and can be cut short: the sandbox that it asks may be ending, and
 * a connection that is still being made must not outlast it, since its address is another's one
 * day. Checks run one at a time.
 */
final class RunningCheck {
  private @Nullable Thread thread;
  private boolean cancelled;

  /** What the check found; something of no meaning if it was cut short. */
  @Nullable String run(Supplier<@Nullable String> check) {
    synchronized (this) {
      if (cancelled) {
        return "it is ending";
      }
      thread = Thread.currentThread();
    }
    try {
      return check.get();
    } finally {
      synchronized (this) {
        thread = null;
        if (cancelled) {
          // Ours, and seen; what comes next must not be taken for cut short.
          Thread.interrupted();
        }
      }
    }
  }

  /** Cuts it short, and has every later one end at once. */
  synchronized void cancel() {
    cancelled = true;
    if (thread != null) {
      thread.interrupt();
    }
  }
}
