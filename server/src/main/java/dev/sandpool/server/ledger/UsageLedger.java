package dev.sandpool.server.ledger;

import dev.sandpool.model.SandboxId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/**
 * Who has used how much, in the same file as what decides it. How long sandboxes are ready and
 * allocated is not noted by anybody: it follows from their steps, and is added up in the
 * transaction of the last one, which there is once. What is measured elsewhere is noted here.
 *
 * <p>Durations are those of the host's {@link dev.sandpool.server.time.Uptime}; wall time says in
 * which hour they are shown. Calls block and fail as those of {@link Ledger}.
 */
public interface UsageLedger {
  /**
   * What was used in the hours that begin in that span, by living sandboxes up to this moment.
   *
   * @param step of how much time each sum is: an hour, a day, or more than the span for one each
   * @throws TooMuchUsageException if that are more sums than can be held
   */
  List<PoolHour> usage(Instant from, Instant to, Duration step);

  /**
   * The same of each sandbox alone, as far back as {@link #forgetSandboxUsage} has left it.
   *
   * @throws TooMuchUsageException if that are more sums than can be held
   */
  List<PoolHour> usageOfSandboxes(Instant from, Instant to, Duration step);

  /** The sandboxes that are not Gone. */
  List<SandboxId> metered();

  /**
   * Notes what sandboxes have taken; what was noted of them before is not counted again. Those that
   * are Gone are passed over. Also notes that the host is up: what lives is counted to the last
   * such note if the host dies.
   */
  void noteConsumption(Collection<Consumption> seen, Instant now);

  /**
   * Notes what has gone through the gateway to sandboxes, also to those that are Gone and not yet
   * forgotten; what was noted of them before by the same opening of the ledger is not counted
   * again.
   */
  void noteTraffic(Collection<Traffic> seen, Instant now);

  /** Forgets hours that began before, and pools that are gone and have none left. */
  void forgetUsage(Instant before);

  /** Forgets single sandboxes' hours that began before, and more where there are too many. */
  void forgetSandboxUsage(Instant before);
}
