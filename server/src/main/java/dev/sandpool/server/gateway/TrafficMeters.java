package dev.sandpool.server.gateway;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.Traffic;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What went through the gateway to each sandbox that was called: the counts of all event loops,
 * added up when the meter of usage asks, which one thread at a time does.
 */
public final class TrafficMeters implements Traffic.Source {
  private final Set<LoopConnections> called = ConcurrentHashMap.newKeySet();

  /** Those of sessions that had ended before they were read last. */
  private Set<LoopConnections> ending = Set.of();

  /** Those whose last bytes were read last. */
  private Set<LoopConnections> ended = Set.of();

  /** What was read last, and what was noted last. */
  private Map<SandboxId, Traffic> read = Map.of();

  private Map<SandboxId, Traffic> noted = Map.of();

  /** The first request to a sandbox on an event loop. */
  void add(LoopConnections connections) {
    called.add(connections);
  }

  @Override
  public synchronized List<Traffic> read() {
    Set<LoopConnections> closed = new HashSet<>();
    Map<SandboxId, Traffic> sums = new HashMap<>();
    for (LoopConnections connections : called) {
      if (connections.isOver()) {
        closed.add(connections);
      }
      sums.merge(connections.sandbox(), of(connections), TrafficMeters::plus);
    }
    // A session closes first and its connections do soon after: what it says then is read next
    // time.
    closed.retainAll(ending);
    ended = closed;
    read = sums;
    return sums.values().stream().filter(it -> !it.equals(noted.get(it.sandbox()))).toList();
  }

  @Override
  public synchronized void noted() {
    noted = read;
    called.removeAll(ended);
    ended = Set.of();
    Set<LoopConnections> closed = new HashSet<>(called);
    closed.removeIf(connections -> !connections.isOver());
    ending = closed;
  }

  /** How many there are that may count more, for tests. */
  int watched() {
    return called.size();
  }

  private static Traffic of(LoopConnections connections) {
    TrafficCount count = connections.traffic();
    return new Traffic(connections.sandbox(), count.requests(), count.bytesIn(), count.bytesOut());
  }

  private static Traffic plus(Traffic one, Traffic other) {
    return new Traffic(
        one.sandbox(),
        one.requests() + other.requests(),
        one.bytesIn() + other.bytesIn(),
        one.bytesOut() + other.bytesOut());
  }
}
