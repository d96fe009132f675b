package dev.sandpool.server.gateway;

import dev.sandpool.server.metrics.PoolMeters;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Something under way on one event loop: an exchange or an upgraded connection. Linked into its
 * loop's list, so that one timer for all can end what has stalled. Used on that loop only.
 */
abstract class InFlight {
  private final long patienceNanos;
  final @Nullable AtomicInteger load;
  final PoolMeters meters;
  final TrafficCount traffic;
  @Nullable InFlight previous;
  @Nullable InFlight next;
  long movedNanos;

  /** Bytes that its caller has not taken, of those that {@link HeldAnswers} counts. */
  int heldBytes;

  /** Whether it was cut because its caller took nothing. */
  boolean givenUp;

  /**
   * @param patienceNanos how long it may stand still once it has begun to move
   * @param load where it is counted among its pool's; null: nowhere
   * @param meters of its pool
   * @param traffic of its sandbox on that loop
   */
  InFlight(
      long patienceNanos, @Nullable AtomicInteger load, PoolMeters meters, TrafficCount traffic) {
    this.traffic = traffic;
    this.patienceNanos = patienceNanos;
    this.load = load;
    this.meters = meters;
  }

  final long patienceNanos() {
    return patienceNanos;
  }

  /** From the caller to the sandbox. */
  final void countIn(int bytes) {
    meters.bytesIn(bytes);
    traffic.in(bytes);
  }

  /** From the sandbox to the caller. */
  final void countOut(int bytes) {
    meters.bytesOut(bytes);
    traffic.out(bytes);
  }

  /** Whether bytes have begun to move, so that standing still is a fault. */
  abstract boolean mayStall();

  /** Nothing has moved for too long. */
  abstract void stalled();

  /** Its caller has taken nothing while others need the memory: what it was sent is thrown away. */
  abstract void cutUnread();

  /** Ends it if it has begun to move and has stood still for as long as it may. */
  void check(long nowNanos) {
    if (mayStall() && nowNanos - movedNanos >= patienceNanos) {
      stalled();
    }
  }
}
