package dev.sandpool.server.management;

import java.util.OptionalLong;

/**
 * How much subscriptions and pools may ask for at most; what is absent is not bounded.
 *
 * @param subscription of all pools of one subscription together
 * @param pool of each pool
 */
public record QuotaLimits(Bounds subscription, Bounds pool) {
  /** Nothing is bounded. */
  public static final QuotaLimits NONE = new QuotaLimits(Bounds.NONE, Bounds.NONE);

  /**
   * Bounds on what sandboxes may have together, when there are as many as there may be.
   *
   * @param milliCpu thousandths of a core
   */
  public record Bounds(OptionalLong sandboxes, OptionalLong milliCpu, OptionalLong memoryBytes) {
    /** No bounds. */
    public static final Bounds NONE =
        new Bounds(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());
  }
}
