package dev.sandpool.server.gateway;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.session.Rate;
import dev.sandpool.server.time.Time;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many new sessions each principal has had of each pool lately. Shared by all event loops;
 * asked for new identifiers alone. Remembers only those who have taken something within the last
 * minute.
 */
final class AllocationRates {
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();
  private static final int SWEPT_ABOVE = 1024;

  private final int perMinute;
  private final Time time;
  private final ConcurrentHashMap<Taker, Rate> rates = new ConcurrentHashMap<>();

  private record Taker(String principal, PoolId pool) {}

  /**
   * @param perMinute where a pool says nothing
   */
  AllocationRates(int perMinute, Time time) {
    this.perMinute = perMinute;
    this.time = time;
  }

  /** 0 if the principal may have one more, which is counted; else the nanoseconds to wait. */
  long take(PoolRequest request) {
    return take(request.principal(), request.route());
  }

  /** The same, of a principal that asks for a session without sending it a request. */
  long take(String principal, PoolRoute route) {
    long now = time.nanos();
    if (rates.size() > SWEPT_ABOVE) {
      rates.values().removeIf(rate -> rate.isFull(now));
    }
    return rate(principal, route, now).take(now, many(route), MINUTE);
  }

  /** It was not needed, or not to be had. */
  void giveBack(PoolRequest request) {
    giveBack(request.principal(), request.route());
  }

  /** The same, of a principal that asked without sending a request. */
  void giveBack(String principal, PoolRoute route) {
    rate(principal, route, time.nanos()).giveBack(many(route), MINUTE);
  }

  private Rate rate(String principal, PoolRoute route, long now) {
    var taker = new Taker(principal, route.pool());
    return rates.computeIfAbsent(taker, fresh -> new Rate(now));
  }

  /** What holds for a pool. */
  int many(PoolRoute route) {
    int own = route.options().bounds().allocationsPerMinute();
    return own == 0 ? perMinute : own;
  }
}
