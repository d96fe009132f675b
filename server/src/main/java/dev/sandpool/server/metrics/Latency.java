package dev.sandpool.server.metrics;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * A histogram of durations that any number of threads write at once: an adder a bucket, no lock, no
 * clock, nothing allocated.
 */
public final class Latency {
  /** Of answers: seconds. */
  static final double[] ANSWERS = {
    .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, Double.POSITIVE_INFINITY
  };

  /** Of allocations and of waiting for them: seconds. */
  static final double[] ALLOCATIONS = {
    .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, Double.POSITIVE_INFINITY
  };

  /** Of what takes a machine's time: seconds. */
  static final double[] STARTS = {.1, .25, .5, 1, 2.5, 5, 10, 30, 60, Double.POSITIVE_INFINITY};

  /** Of what should take none: seconds. */
  static final double[] PAUSES = {
    .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .5, 1, Double.POSITIVE_INFINITY
  };

  private final double[] upperSeconds;
  private final long[] upperNanos;
  private final LongAdder[] buckets;
  private final LongAdder sumNanos = new LongAdder();

  /**
   * @param upperSeconds the buckets' upper bounds, ascending, the last one infinite; not copied
   */
  Latency(double[] upperSeconds) {
    this.upperSeconds = upperSeconds;
    this.upperNanos = new long[upperSeconds.length - 1];
    this.buckets = new LongAdder[upperSeconds.length];
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] = new LongAdder();
      if (i < upperNanos.length) {
        upperNanos[i] = Math.round(upperSeconds[i] * TimeUnit.SECONDS.toNanos(1));
      }
    }
  }

  /** One took that long; less than nothing counts as nothing. */
  public void record(long nanos) {
    int bucket = 0;
    while (bucket < upperNanos.length && nanos > upperNanos[bucket]) {
      bucket++;
    }
    buckets[bucket].increment();
    sumNanos.add(Math.max(0, nanos));
  }

  double[] upperSeconds() {
    return upperSeconds;
  }

  /** How many are in each bucket, not summed up. */
  long[] counts() {
    long[] counts = new long[buckets.length];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = buckets[i].sum();
    }
    return counts;
  }

  /** Of all together. */
  double sumSeconds() {
    return sumNanos.sum() / 1e9;
  }
}
