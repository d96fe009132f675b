package dev.sandpool.server.management;

/**
 * The ranges that session pools keep to (contract 1.2, 4 and 5); all ends are included.
 *
 * @param cooldownMin and {@code cooldownMax}: seconds
 * @param readyMin least number of ready sandboxes; where it is 0, as in development, they may also
 *     be as many as the sessions, otherwise they must be fewer
 * @param sessionsMax most sessions of a pool at once
 * @param cpuMin and {@code cpuMax}: cores
 * @param memoryMin and {@code memoryMax}: bytes
 */
public record PoolLimits(
    int cooldownMin,
    int cooldownMax,
    int readyMin,
    int sessionsMax,
    double cpuMin,
    double cpuMax,
    long memoryMin,
    long memoryMax) {
  private static final long GIB = 1L << 30;

  /** Those of the contract. */
  public static PoolLimits contract() {
    return new PoolLimits(300, 3600, 1, 600, 0.25, 2.0, GIB / 2, 4 * GIB);
  }

  /** Those of {@code serve --dev}: short cooldowns, nothing kept ready. */
  public static PoolLimits development() {
    return new PoolLimits(1, 3600, 0, 600, 0.25, 2.0, GIB / 2, 4 * GIB);
  }
}
