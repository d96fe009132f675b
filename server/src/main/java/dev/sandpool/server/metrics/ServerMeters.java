package dev.sandpool.server.metrics;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** What is counted of the server as a whole, by whoever does it. */
public final class ServerMeters {
  private final Map<StartPhase, Latency> startPhases = latencies(StartPhase.class);
  private final Map<Pull, Latency> pulls = latencies(Pull.class);
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

  private static <E extends Enum<E>> Map<E, Latency> latencies(Class<E> words) {
    Map<E, Latency> latencies = new EnumMap<>(words);
    for (E word : words.getEnumConstants()) {
      latencies.put(word, new Latency(Latency.STARTS));
    }
    return latencies;
  }

  /** Of one start. */
  public Latency startPhase(StartPhase phase) {
    return Objects.requireNonNull(startPhases.get(phase));
  }

  /** Of images. */
  public Latency pull(Pull outcome) {
    return Objects.requireNonNull(pulls.get(outcome));
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
