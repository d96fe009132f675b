package dev.sandpool.server.metrics;

import java.util.concurrent.atomic.LongAdder;

/** What is counted of the server as a whole, by whoever does it. */
public final class ServerMeters {
  private final Latency[] startPhases = latencies(StartPhase.values().length, Latency.STARTS);
  private final Latency[] pulls = latencies(Pull.values().length, Latency.STARTS);
  private final Latency commits = new Latency(Latency.PAUSES);
  private final Latency loopLag = new Latency(Latency.PAUSES);
  private final LongAdder[] strayRequests = new LongAdder[PoolMeters.CLASSES];

  /** What a start of a sandbox spends its time with, one after the other. */
  public enum StartPhase {
    /** Waiting for its turn: so many start at once. */
    QUEUED,
    /** The engine makes network, disk and cgroup, and the runtime the first process. */
    ENGINE,
    /** The application gets ready to listen, or its startup probe to pass. */
    LISTENING
  }

  /** What came of a pull of an image. */
  public enum Pull {
    DONE,
    FAILED
  }

  ServerMeters() {
    for (int i = 0; i < strayRequests.length; i++) {
      strayRequests[i] = new LongAdder();
    }
  }

  private static Latency[] latencies(int count, double[] upperSeconds) {
    var latencies = new Latency[count];
    for (int i = 0; i < count; i++) {
      latencies[i] = new Latency(upperSeconds);
    }
    return latencies;
  }

  /** Of one start. */
  public Latency startPhase(StartPhase phase) {
    return startPhases[phase.ordinal()];
  }

  /** Of images. */
  public Latency pull(Pull outcome) {
    return pulls[outcome.ordinal()];
  }

  /** Of the ledger: a group of writes, from its first statement to its being durable. */
  public Latency commits() {
    return commits;
  }

  /** How late an event loop's timer was: by so much each request on it was late. */
  public Latency loopLag() {
    return loopLag;
  }

  /** A request was refused before it was known which pool's sessions it may use. */
  public void strayRequest(int status) {
    strayRequests[Math.clamp(status / 100 - 1, 0, strayRequests.length - 1)].increment();
  }

  long strayRequestsIn(int index) {
    return strayRequests[index].sum();
  }
}
