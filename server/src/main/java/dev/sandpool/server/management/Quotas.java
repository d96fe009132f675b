package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.PoolRecord;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * What pools ask for, against what may be asked for: each by as many sandboxes as it may have at
 * once, so that what was granted can be had. Changes are checked one at a time.
 */
final class Quotas {
  private final Ledger ledger;
  private final QuotaLimits limits;

  Quotas(Ledger ledger, QuotaLimits limits) {
    this.ledger = ledger;
    this.limits = limits;
  }

  /** What pools ask for together. */
  record Demand(long sandboxes, long milliCpu, long memoryBytes) {
    static final Demand NOTHING = new Demand(0, 0, 0);

    static Demand of(PoolRecord pool) {
      return of(pool.maxSessions(), pool.desired().cpu(), pool.desired().memoryBytes());
    }

    static Demand of(long sandboxes, double cpu, long memoryBytes) {
      return new Demand(
          sandboxes,
          sandboxes * Math.round(cpu * 1000),
          Math.multiplyExact(sandboxes, memoryBytes));
    }

    Demand plus(Demand other) {
      return new Demand(
          sandboxes + other.sandboxes, milliCpu + other.milliCpu, memoryBytes + other.memoryBytes);
    }
  }

  /** What is bounded, and how it is written: memory in GiB. */
  enum Kind {
    SANDBOXES("Sandboxes", "Sandboxes", Demand::sandboxes, QuotaLimits.Bounds::sandboxes, 1),
    CORES("Cores", "Cores", Demand::milliCpu, QuotaLimits.Bounds::milliCpu, 1000),
    MEMORY(
        "MemoryGiB",
        "Memory in GiB",
        Demand::memoryBytes,
        QuotaLimits.Bounds::memoryBytes,
        1L << 30);

    private final String wire;
    private final String words;
    private final ToLongFunction<Demand> of;
    private final Function<QuotaLimits.Bounds, OptionalLong> bound;
    private final long unit;

    Kind(
        String wire,
        String words,
        ToLongFunction<Demand> of,
        Function<QuotaLimits.Bounds, OptionalLong> bound,
        long unit) {
      this.wire = wire;
      this.words = words;
      this.of = of;
      this.bound = bound;
      this.unit = unit;
    }

    private BigDecimal shown(long amount) {
      // Units are products of 2 and 5, so there is always an end.
      BigDecimal shown = new BigDecimal(amount).divide(new BigDecimal(unit)).stripTrailingZeros();
      return shown.scale() < 0 ? shown.setScale(0) : shown;
    }
  }

  /**
   * One line of a {@code usages} answer.
   *
   * @param limit -1 where there is none
   */
  record Usage(String name, String words, BigDecimal current, BigDecimal limit) {}

  /**
   * Refuses a pool that asks for more than is left. One that asks for no more than before passes,
   * so that lowering a quota breaks no pool that is there.
   *
   * @param before what it asked for until now
   * @throws ArmException 409 {@code QuotaExceeded} with the numbers
   */
  void check(ResourceId pool, Demand before, Demand wanted) {
    Demand others = of("/subscriptions/" + pool.subscription());
    List<String> exceeded = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      long more = kind.of.applyAsLong(wanted) - kind.of.applyAsLong(before);
      if (more > 0) {
        judge(kind, "Pool", 0, kind.of.applyAsLong(wanted), limits.pool(), exceeded);
        long current = kind.of.applyAsLong(others);
        judge(kind, "Subscription", current, more, limits.subscription(), exceeded);
      }
    }
    if (!exceeded.isEmpty()) {
      throw new ArmException(
          409,
          "QuotaExceeded",
          "Session pool '%s' asks for more than its quota: %s."
              .formatted(pool.name(), String.join("; ", exceeded)));
    }
  }

  private static void judge(
      Kind kind,
      String whose,
      long current,
      long more,
      QuotaLimits.Bounds bounds,
      List<String> exceeded) {
    OptionalLong limit = kind.bound.apply(bounds);
    if (limit.isPresent() && current + more > limit.getAsLong()) {
      exceeded.add(
          String.format(
              Locale.ROOT,
              "%s: Current Limit: %s, Current Usage: %s, Additional Required: %s, (Minimum) New"
                  + " Limit Required: %s",
              whose + kind.wire,
              kind.shown(limit.getAsLong()).toPlainString(),
              kind.shown(current).toPlainString(),
              kind.shown(more).toPlainString(),
              kind.shown(current + more).toPlainString()));
    }
  }

  /** Of all pools of a subscription, against its bounds. */
  List<Usage> ofSubscription(String subscription) {
    return usages(
        "Subscription",
        "Subscription",
        of("/subscriptions/" + subscription),
        limits.subscription());
  }

  /** Of the pools of an environment, against the bounds of its subscription. */
  List<Usage> ofEnvironment(ResourceId environment) {
    Demand sum =
        ledger.pools().stream()
            .filter(pool -> pool.environmentId().equalsIgnoreCase(environment.toString()))
            .map(Demand::of)
            .reduce(Demand.NOTHING, Demand::plus);
    return usages("ManagedEnvironment", "Managed Environment", sum, limits.subscription());
  }

  /** Of one pool, against the bounds of each. */
  List<Usage> ofPool(PoolRecord pool) {
    return usages("Pool", "Session Pool", Demand.of(pool), limits.pool());
  }

  private static List<Usage> usages(
      String prefix, String words, Demand demand, QuotaLimits.Bounds bounds) {
    List<Usage> usages = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      OptionalLong limit = kind.bound.apply(bounds);
      usages.add(
          new Usage(
              prefix + kind.wire,
              words + " " + kind.words,
              kind.shown(kind.of.applyAsLong(demand)),
              limit.isPresent() ? kind.shown(limit.getAsLong()) : BigDecimal.valueOf(-1)));
    }
    return usages;
  }

  /** Pools that are being deleted have what they have until they are gone. */
  private Demand of(String subscription) {
    // '0' is the character after '/'.
    return ledger.pools(subscription + "/", subscription + "0").stream()
        .map(Demand::of)
        .reduce(Demand.NOTHING, Demand::plus);
  }
}
