package dev.sandpool.server.gateway;

import dev.sandpool.server.metrics.Latency;
import java.util.concurrent.TimeUnit;

/**
 * How late a periodic timer of an event loop is: each request that came meanwhile has waited as
 * long. It rides on a timer that the loop has anyway. Used on that loop only.
 */
final class LoopLag {
  private final Latency latency;
  private final long periodNanos;
  private long dueNanos;

  LoopLag(Latency latency, long periodMillis, long nowNanos) {
    this.latency = latency;
    this.periodNanos = TimeUnit.MILLISECONDS.toNanos(periodMillis);
    this.dueNanos = nowNanos + periodNanos;
  }

  /** The timer has fired. */
  void tick(long nowNanos) {
    long late = nowNanos - dueNanos;
    latency.record(late);
    // Timers keep their schedule; one that was late by whole periods skips them.
    dueNanos += periodNanos * (1 + Math.max(0, late) / periodNanos);
  }
}
