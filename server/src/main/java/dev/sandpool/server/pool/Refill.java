package dev.sandpool.server.pool;

import dev.sandpool.server.metrics.PoolMeters;

/** Times how long a pool has fewer ready sandboxes than it wants. Used by one step at a time. */
final class Refill {
  private boolean missing;
  private long since;

  void look(boolean full, long nowNanos, PoolMeters meters) {
    if (full && missing) {
      meters.refilled(nowNanos - since);
    }
    if (!full && !missing) {
      since = nowNanos;
    }
    missing = !full;
  }
}
