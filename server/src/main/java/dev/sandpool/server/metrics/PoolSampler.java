package dev.sandpool.server.metrics;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.ledger.SandboxCount;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the sandboxes of all pools in one look at the ledger: four times a minute for the minutes
 * that are kept, and before each reading.
 */
public final class PoolSampler implements AutoCloseable {
  /** Between samples. */
  public static final Duration PERIOD = Duration.ofSeconds(15);

  private static final Logger log = LoggerFactory.getLogger(PoolSampler.class);

  /** Those of {@link #place}. */
  private static final int STATES = 4;

  private final Metrics metrics;
  private final Function<Collection<PoolId>, List<SandboxCount>> counts;
  private final ToIntFunction<PoolId> waiting;
  private final Supplier<Instant> clock;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("metrics-sampler").factory());

  /**
   * @param counts how many sandboxes there are, by state; may block, and fail for a while
   * @param waiting how many requests wait for one
   */
  public PoolSampler(
      Metrics metrics,
      Function<Collection<PoolId>, List<SandboxCount>> counts,
      ToIntFunction<PoolId> waiting,
      Supplier<Instant> clock) {
    this.metrics = metrics;
    this.counts = counts;
    this.waiting = waiting;
    this.clock = clock;
  }

  /** Begins; from now on readings are fresh. */
  public void start() {
    metrics.beforeReading(this::refresh);
    timer.scheduleAtFixedRate(
        this::sample, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Notes how all pools stand in this minute. */
  public void sample() {
    long minute = clock.get().getEpochSecond() / 60;
    look((meters, standing) -> meters.stands(standing, minute));
  }

  private void refresh() {
    look(PoolMeters::stands);
  }

  private interface Note {
    void take(PoolMeters meters, PoolStanding standing);
  }

  private void look(Note note) {
    try {
      Collection<PoolId> pools = metrics.pools();
      Map<PoolId, int[]> states = byState(counts.apply(pools));
      for (PoolId pool : pools) {
        int[] n = states.getOrDefault(pool, new int[STATES]);
        var standing = new PoolStanding(n[0], n[1], n[2], n[3], waiting.applyAsInt(pool));
        metrics.find(pool).ifPresent(meters -> note.take(meters, standing));
      }
    } catch (RuntimeException e) {
      // What is shown is a little old then; what else can be measured still is.
      log.debug("pools could not be counted: {}", e.toString());
    }
  }

  private static Map<PoolId, int[]> byState(List<SandboxCount> counts) {
    Map<PoolId, int[]> byState = new HashMap<>();
    for (SandboxCount count : counts) {
      byState.computeIfAbsent(count.pool(), pool -> new int[STATES])[place(count)] += count.count();
    }
    return byState;
  }

  private static int place(SandboxCount count) {
    return switch (count.state()) {
      case ALLOCATED -> 0;
      case STARTING -> 1;
      case READY -> 2;
      case STOPPING, GONE -> 3;
    };
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
