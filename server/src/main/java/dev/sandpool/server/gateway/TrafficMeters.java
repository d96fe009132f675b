package dev.sandpool.server.gateway;

import dev.sandpool.server.ledger.Traffic;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What went through the gateway to each sandbox that was called: the counts of all event loops,
 * added up when the meter of usage asks, which one thread at a time does. Sandboxes that have
 * nothing new are passed over without a trace: there may be a million of them.
 */
public final class TrafficMeters implements Traffic.Source {
  private final Set<SandboxConnections> called = ConcurrentHashMap.newKeySet();

  /** Those of sessions that had ended before they were read last. */
  private Set<SandboxConnections> over = Set.of();

  /** The same when they were noted last. */
  private Set<SandboxConnections> ending = Set.of();

  /** What was read last and had not been noted. */
  private List<TrafficCount.Reading> unnoted = List.of();

  /** The first request to a sandbox on an event loop. */
  void add(SandboxConnections connections) {
    called.add(connections);
  }

  @Override
  public synchronized List<Traffic> read() {
    over = new HashSet<>();
    unnoted = new ArrayList<>();
    List<Traffic> changed = new ArrayList<>();
    for (SandboxConnections connections : called) {
      if (connections.isClosed()) {
        over.add(connections);
      }
      if (connections.hasNewTraffic()) {
        changed.add(sum(connections, connections.readTraffic()));
      }
    }
    return changed;
  }

  private Traffic sum(SandboxConnections connections, List<TrafficCount.Reading> loops) {
    unnoted.addAll(loops);
    long requests = 0;
    long in = 0;
    long out = 0;
    for (TrafficCount.Reading one : loops) {
      requests += one.requests();
      in += one.bytesIn();
      out += one.bytesOut();
    }
    return new Traffic(connections.sandbox(), requests, in, out);
  }

  /**
   * A session closes first and its connections do soon after: what it says then is read next time,
   * and only then is it forgotten.
   */
  @Override
  public synchronized void noted() {
    unnoted.forEach(TrafficCount.Reading::noted);
    unnoted = List.of();
    for (SandboxConnections connections : over) {
      if (ending.contains(connections)) {
        called.remove(connections);
      }
    }
    over.removeAll(ending);
    ending = over;
    over = Set.of();
  }

  /** How many sandboxes there are that may count more, for tests. */
  int watched() {
    return called.size();
  }
}
