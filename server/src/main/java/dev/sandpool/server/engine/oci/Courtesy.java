package dev.sandpool.server.engine.oci;

/**
 * Whether one sandbox gives way to others in the use of processors; pure. A scheduling period in
 * which it has used up all that it may counts for it, one in which it has not against it: it gives
 * way from three on until they are made up for.
 *
 * @param throttled periods in which it was held back, since it began
 * @param atNanos when that was read
 * @param owed periods, 0 to {@link #MOST}
 */
record Courtesy(long throttled, long atNanos, double owed, boolean givesWay) {
  /** Fewer are a request that takes a little longer. */
  static final int FROM = 3;

  /** Ten seconds without such a period end it in any case. */
  static final int MOST = 100;

  /** How long a period is, which {@link OciSpec} says. */
  static final long PERIOD_NANOS = OciSpec.PERIOD_MICROS * 1000L;

  /** One that is met for the first time; it may give way already, by an earlier engine. */
  static Courtesy of(long throttled, long nowNanos, boolean givesWay) {
    return new Courtesy(throttled, nowNanos, givesWay ? MOST : 0, givesWay);
  }

  Courtesy next(long throttledNow, long nowNanos) {
    double passed = Math.max(0, nowNanos - atNanos) / (double) PERIOD_NANOS;
    double used = Math.clamp((double) (throttledNow - throttled), 0, Math.ceil(passed));
    double owes = Math.clamp(owed + used - Math.max(0, passed - used), 0, MOST);
    return new Courtesy(throttledNow, nowNanos, owes, owes >= FROM || (givesWay && owes > 0));
  }
}
