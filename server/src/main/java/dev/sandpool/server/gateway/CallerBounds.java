package dev.sandpool.server.gateway;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.session.CallerNetwork;
import dev.sandpool.server.time.Time;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What bounds callers and is counted over all event loops. Thread-safe, never waits. */
final class CallerBounds {
  /** Who reads fast has some pieces on the way as well. */
  private static final long LEAST_UNREAD = 2 << 20;

  private final GatewaySettings.Callers limits;
  private final int eventLoops;
  private final AllocationRates allocations;
  private final AtomicInteger connections = new AtomicInteger();
  private final ConcurrentHashMap<String, Integer> perNetwork = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<PoolId, Integer> perPool = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<PoolId, AtomicInteger> loads = new ConcurrentHashMap<>();
  private final AtomicLong unread = new AtomicLong();

  /**
   * @param eventLoops among which they are spread
   */
  CallerBounds(GatewaySettings.Callers limits, int eventLoops, Time time) {
    this.limits = limits;
    this.eventLoops = eventLoops;
    this.allocations = new AllocationRates(limits.allocationsPerMinute(), time);
  }

  /** How long a connection may be without a whole request head. */
  long idleNanos() {
    return limits.idleConnection().toNanos();
  }

  AllocationRates allocations() {
    return allocations;
  }

  /** What counts the requests under way of a pool that bounds them; null where it does not. */
  @Nullable AtomicInteger load(PoolRoute route) {
    if (route.options().bounds().requestsInFlight() == 0) {
      return null;
    }
    return loads.computeIfAbsent(route.pool(), pool -> new AtomicInteger());
  }

  /** Counts a connection in, if there may be one more, also from that address or its network. */
  boolean open(String address) {
    if (connections.incrementAndGet() > limits.connections()) {
      connections.decrementAndGet();
      return false;
    }
    if (perNetwork.merge(CallerNetwork.of(address), 1, Integer::sum)
        > limits.connectionsPerAddress()) {
      close(address);
      return false;
    }
    return true;
  }

  /** Counts one out that was counted in. */
  void close(String address) {
    connections.decrementAndGet();
    perNetwork.computeIfPresent(
        CallerNetwork.of(address), (key, count) -> count == 1 ? null : count - 1);
  }

  /** How many connections callers may have to that pool. */
  int connections(PoolRoute route) {
    int own = route.options().bounds().connections();
    return own == 0 ? limits.connectionsPerPool() : own;
  }

  /** Counts a connection in among those of a pool, if it may have one more. */
  boolean join(PoolRoute route) {
    if (perPool.merge(route.pool(), 1, Integer::sum) > connections(route)) {
      countOut(route.pool());
      return false;
    }
    route.meters().connected();
    return true;
  }

  /** Counts one out that joined. */
  void leave(PoolRoute route) {
    countOut(route.pool());
    route.meters().disconnected();
  }

  /**
   * How many bytes of answers may wait on one event loop for callers to take them. A part for each:
   * where loops took from one sum, whoever reads on one would pay for who does not on another.
   */
  long unreadOfALoop() {
    return Math.max(limits.unreadAnswers() / eventLoops, LEAST_UNREAD);
  }

  /** So many more wait; fewer, where it is negative. */
  void countUnread(int bytes) {
    unread.addAndGet(bytes);
  }

  /** Bytes of answers that callers have not taken. */
  long unread() {
    return unread.get();
  }

  private void countOut(PoolId pool) {
    perPool.computeIfPresent(pool, (key, count) -> count == 1 ? null : count - 1);
  }
}
