package dev.sandpool.server.gateway;

import dev.sandpool.server.time.Time;
import io.vertx.core.Context;
import io.vertx.core.net.NetClient;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What belongs to one event loop of the gateway and is never shared with another. */
final class Loop {
  private static final Logger log = LoggerFactory.getLogger(Loop.class);

  private final Context context;
  private final NetClient client;
  private final GatewaySettings.Limits limits;
  private final Time time;
  private final @Nullable RequestNotes notes;
  private final Trail trail;
  private final TrafficMeters traffic;
  private final HeadBuffer head = new HeadBuffer();
  private final RandomGenerator random = new SplittableRandom();
  private final Set<LoopConnections> connected = new HashSet<>();
  private final CallerBounds callers;
  private final CallerConnections connections;
  private final HeldAnswers held;
  private @Nullable InFlight first;

  Loop(
      Context context,
      NetClient client,
      GatewaySettings.Limits limits,
      Time time,
      CallerBounds callers,
      @Nullable RequestNotes notes,
      Trail trail,
      TrafficMeters traffic) {
    this.traffic = traffic;
    this.callers = callers;
    this.held = new HeldAnswers(callers);
    this.connections = new CallerConnections(callers, time, limits.idleStream());
    this.notes = notes;
    this.trail = trail;
    this.context = context;
    this.client = client;
    this.limits = limits;
    this.time = time;
  }

  /** Runs something on this loop, from any thread; nothing where the loop has ended. */
  void run(Runnable action) {
    try {
      context.runOnContext(ignored -> action.run());
    } catch (RejectedExecutionException e) {
      // All its connections went with it: nobody is left to be told of anything.
      log.debug("an event loop had ended before what was to be done on it");
    }
  }

  NetClient client() {
    return client;
  }

  GatewaySettings.Limits limits() {
    return limits;
  }

  /** How long streams of that pool may stand still. */
  long patienceNanos(PoolRoute route) {
    Duration own = route.options().idleStream();
    return (own == null ? limits.idleStream() : own).toNanos();
  }

  /** What counts the requests under way of a pool that bounds them; null where it does not. */
  @Nullable AtomicInteger load(PoolRoute route) {
    return callers.load(route);
  }

  /** How many connections callers may have to that pool. */
  int mostConnections(PoolRoute route) {
    return callers.connections(route);
  }

  AllocationRates allocations() {
    return callers.allocations();
  }

  /** Those of callers. */
  CallerConnections connections() {
    return connections;
  }

  /** What of answers has not been taken. */
  HeldAnswers held() {
    return held;
  }

  Time time() {
    return time;
  }

  @Nullable RequestNotes notes() {
    return notes;
  }

  Trail trail() {
    return trail;
  }

  TrafficMeters traffic() {
    return traffic;
  }

  HeadBuffer head() {
    return head;
  }

  RequestId newRequestId() {
    return RequestId.random(random, time.nanos());
  }

  void add(InFlight one) {
    AtomicInteger load = one.load;
    if (load != null) {
      load.incrementAndGet();
    }
    one.meters.begun();
    one.movedNanos = time.nanos();
    one.next = first;
    if (first != null) {
      first.previous = one;
    }
    first = one;
  }

  void remove(InFlight one) {
    AtomicInteger load = one.load;
    if (load != null) {
      load.decrementAndGet();
    }
    one.meters.ended();
    InFlight before = one.previous;
    InFlight after = one.next;
    if (before != null) {
      before.next = after;
    } else {
      first = after;
    }
    if (after != null) {
      after.previous = before;
    }
    one.previous = null;
    one.next = null;
  }

  /** These hold connections from now on. */
  void watch(LoopConnections connections) {
    connected.add(connections);
  }

  /** These hold none any more. */
  void unwatch(LoopConnections connections) {
    connected.remove(connections);
  }

  /** Closes connections that have not been used for a while. */
  void closeUnused() {
    List.copyOf(connected).forEach(LoopConnections::closeUnused);
  }

  /** Ends what has begun to move and has stood still for as long as it may. */
  void endStalled() {
    long now = time.nanos();
    InFlight one = first;
    while (one != null) {
      InFlight following = one.next;
      one.check(now);
      one = following;
    }
  }
}
