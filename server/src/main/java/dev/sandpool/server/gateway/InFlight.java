package dev.sandpool.server.gateway;

import org.jspecify.annotations.Nullable;

/**
 * Something under way on one event loop: an exchange or an upgraded connection. Linked into its
 * loop's list, so that one timer for all can end what has stalled. Used on that loop only.
 */
abstract class InFlight {
  private final long patienceNanos;
  @Nullable InFlight previous;
  @Nullable InFlight next;
  long movedNanos;

  /**
   * @param patienceNanos how long it may stand still once it has begun to move
   */
  InFlight(long patienceNanos) {
    this.patienceNanos = patienceNanos;
  }

  final long patienceNanos() {
    return patienceNanos;
  }

  /** Whether bytes have begun to move, so that standing still is a fault. */
  abstract boolean mayStall();

  /** Nothing has moved for too long. */
  abstract void stalled();
}
