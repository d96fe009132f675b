package dev.sandpool.server.usage;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.SandboxEngine;
import dev.sandpool.server.ledger.Consumption;
import dev.sandpool.server.ledger.Traffic;
import dev.sandpool.server.ledger.UsageLedger;
import dev.sandpool.server.time.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries into the ledger what only others can measure: what sandboxes really take, read from the
 * engine, and what went through the gateway, read from meters that are kept anyway. Four times a
 * minute, on a thread of its own, and of a sandbox once more before it is stopped.
 */
public final class UsageMeter implements AutoCloseable {
  /** Between samples: what a crash may take of what is measured here. */
  static final Duration PERIOD = Duration.ofSeconds(15);

  private static final Logger log = LoggerFactory.getLogger(UsageMeter.class);

  private final UsageLedger ledger;
  private final SandboxEngine engine;
  private final Traffic.Source traffic;
  private final Retention retention;
  private final Time time;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("usage-meter").factory());

  /**
   * How long hours are kept.
   *
   * @param pools of pools
   * @param sandboxes of each sandbox alone
   */
  public record Retention(Duration pools, Duration sandboxes) {}

  /**
   * @param traffic of all sandboxes since the server was started
   */
  public UsageMeter(
      UsageLedger ledger,
      SandboxEngine engine,
      Traffic.Source traffic,
      Retention retention,
      Time time) {
    this.ledger = ledger;
    this.engine = engine;
    this.traffic = traffic;
    this.retention = retention;
    this.time = time;
  }

  /** Begins. */
  public void start() {
    timer.scheduleWithFixedDelay(
        this::sample, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    timer.scheduleWithFixedDelay(this::forget, 0, 1, TimeUnit.HOURS);
  }

  /** Notes all that can be measured now, as the timer does. */
  public synchronized void sample() {
    Instant now = time.now();
    attempt("what sandboxes take", () -> ledger.noteConsumption(seen(ledger.metered()), now));
    attempt("what went through the gateway", () -> noteTraffic(now));
  }

  /** The same of one sandbox, before it is stopped. */
  void sampleLast(SandboxId sandbox) {
    Instant now = time.now();
    attempt("what " + sandbox + " took", () -> ledger.noteConsumption(seen(List.of(sandbox)), now));
  }

  /** Nothing while the engine is away: that the host is up is noted all the same. */
  private List<Consumption> seen(List<SandboxId> sandboxes) {
    try {
      return engine.used(Set.copyOf(sandboxes)).stream()
          .map(use -> new Consumption(use.sandbox(), use.cpuNanos(), use.memoryBytes()))
          .toList();
    } catch (RuntimeException e) {
      log.warn("what sandboxes take could not be read: {}", e.toString());
      return List.of();
    }
  }

  private void noteTraffic(Instant now) {
    ledger.noteTraffic(traffic.read(), now);
    traffic.noted();
  }

  private void forget() {
    Instant now = time.now();
    attempt("old usage", () -> ledger.forgetUsage(now.minus(retention.pools)));
    attempt(
        "old usage of sandboxes", () -> ledger.forgetSandboxUsage(now.minus(retention.sandboxes)));
  }

  /** Measured again the next time, since all counts go on from what was noted. */
  private static void attempt(String what, Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      log.warn("{} could not be noted: {}", what, e.toString());
    }
  }

  /** Notes what has come together since the last sample, and ends. */
  @Override
  public void close() {
    timer.shutdownNow();
    sample();
  }
}
