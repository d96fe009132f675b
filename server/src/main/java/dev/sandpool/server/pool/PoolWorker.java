package dev.sandpool.server.pool;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.ledger.LedgerUnavailableException;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.PoolRecord.Provisioning;
import dev.sandpool.server.ledger.ProvisioningState;
import dev.sandpool.server.ledger.Revision;
import dev.sandpool.server.ledger.SandboxCount;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.lifecycle.PoolEvent;
import dev.sandpool.server.metrics.PoolMeters;
import dev.sandpool.server.pool.PoolSizer.Decision;
import dev.sandpool.server.pool.PoolSizer.Has;
import dev.sandpool.server.pool.PoolSizer.Phase;
import dev.sandpool.server.pool.PoolSizer.Wants;
import dev.sandpool.server.pool.Pools.PoolCondition;
import dev.sandpool.server.pool.Pools.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What keeps one pool: looks at the ledger, asks {@link PoolSizer} what to do, has it done, and
 * sleeps until something wakes it. Its steps never overlap; an idle pool costs nothing.
 */
final class PoolWorker {
  private static final Logger log = LoggerFactory.getLogger(PoolWorker.class);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final PoolId id;
  private final KeeperParts parts;
  private final KeeperSettings settings;
  private final SandboxCrew crew;
  private final Runnable deleted;
  private final AtomicInteger wakes = new AtomicInteger();
  private final Failures failures = new Failures();
  private final PoolImages images;
  private final Trial trial = new Trial();
  private final Refill refill = new Refill();
  private final RefillPause pause;
  private volatile PoolMeters meters = new PoolMeters();
  private volatile int generation;

  /** Not when it was changed: whoever sets the wall clock must not end a change. */
  private long generationSeenNanos;

  private int deadlineSetFor;
  private volatile String phase = "starting";
  private volatile @Nullable String hostFull;
  private @Nullable String fullReported;
  private volatile @Nullable String refused;

  /**
   * @param deleted run when the pool is no more
   */
  PoolWorker(
      PoolId id, KeeperParts parts, KeeperSettings settings, SandboxCrew crew, Runnable deleted) {
    this.deleted = deleted;
    this.id = id;
    this.parts = parts;
    this.settings = settings;
    this.crew = crew;
    this.images = new PoolImages(id, parts, crew, failures, this::wake);
    this.pause = new RefillPause(crew::later, this::wake);
  }

  /** A session has taken a sandbox, and nobody waits for another. */
  void taken() {
    pause.taken();
  }

  /** Looks again, soon. */
  void wake() {
    if (wakes.getAndIncrement() == 0) {
      crew.run(this::drain);
    }
  }

  private void drain() {
    int seen;
    do {
      seen = wakes.get();
      try {
        step();
      } catch (LedgerUnavailableException e) {
        log.warn("pool {} waits for the ledger: {}", id, e.getMessage());
        crew.later(RETRY, this::wake);
      } catch (RuntimeException e) {
        log.error("pool {} could not be looked after, trying again", id, e);
        crew.later(RETRY, this::wake);
      }
    } while (wakes.addAndGet(-seen) > 0);
  }

  private void step() {
    Optional<PoolRecord> found = parts.ledger().pool(id);
    if (found.isEmpty()) {
      deleted.run();
      return;
    }
    PoolRecord pool = found.get();
    if (pool.generation() != generation) {
      generation = pool.generation();
      generationSeenNanos = parts.time().nanos();
      failures.clear();
    }
    meters = metersOf(pool);
    meters.wants(pool.maxSessions(), pool.readySessions());
    List<SandboxRecord> sandboxes = parts.ledger().sandboxes(id);
    if (pool.deleting()) {
      delete(sandboxes);
    } else {
      keep(pool, sandboxes);
    }
  }

  /** One that is being deleted must not come back under its name once it is forgotten. */
  private PoolMeters metersOf(PoolRecord pool) {
    if (pool.deleting()) {
      return meters;
    }
    return ResourceId.parse(pool.resourceId())
        .map(name -> parts.metrics().pool(id, name))
        .orElse(meters);
  }

  private void delete(List<SandboxRecord> sandboxes) {
    phase = "deleting";
    if (sandboxes.isEmpty()) {
      parts.ledger().deletePool(id);
      parts.metrics().forget(id);
      deleted.run();
      crew.poolChanged(id);
      log.info("pool {} is deleted", id);
    }
    sandboxes.forEach(sandbox -> crew.end(sandbox.id(), "its pool is deleted", Duration.ZERO));
  }

  private void keep(PoolRecord pool, List<SandboxRecord> sandboxes) {
    if (pool.network() == NetworkStatus.EGRESS_DISABLED) {
      crew.endEgress(sandboxes);
    }
    String digest = images.pulled(pool.desired().id());
    if (pool.desired().imageDigest() == null && digest != null) {
      parts.ledger().updatePool(pool.withDesired(pool.desired().withDigest(digest)));
      wake();
      return;
    }
    boolean first = pool.active() == null;
    boolean same = isActive(pool, pool.desired());
    boolean desiredHere = (first || same || pool.rollingOut()) && here(pool, pool.desired());
    if (first && desiredHere) {
      // Nothing serves yet, so there is nothing to protect from a revision that cannot start.
      parts.ledger().updatePool(pool.withActive(pool.desired()));
      wake();
      return;
    }
    Revision active = pool.active();
    if (active == null) {
      settle(pool, new Rollout.Progress(0, 1, failures.count(pool.desired().id()), problem(pool)));
      return;
    }
    boolean activeHere = same ? desiredHere : here(pool, active);
    resize(pool, active, Census.of(pool, sandboxes), new Here(activeHere, desiredHere));
  }

  /** Whose images are on this host. */
  private record Here(boolean active, boolean desired) {}

  /** Whether the revision's image is here; where not, it is being pulled. */
  private boolean here(PoolRecord pool, Revision revision) {
    if (images.here(revision)) {
      return true;
    }
    // What has served before is tried for ever: the registry may be mended without us being told.
    Problem problem = failures.last(revision.id());
    boolean pointless = problem != null && problem.permanent() && !isActive(pool, revision);
    if (!pointless && !startsHeldBack(revision)) {
      images.pull(revision);
    }
    return false;
  }

  private static boolean isActive(PoolRecord pool, Revision revision) {
    Revision active = pool.active();
    return active != null && active.id().equals(revision.id());
  }

  // --- size ------------------------------------------------------------------------------------

  private void resize(PoolRecord pool, Revision active, Census census, Here here) {
    Has has = census.counts();
    Phase phaseNow = here.desired() ? phase(pool, has) : Phase.STEADY;
    var wants = new Wants(pool.maxSessions(), pool.readySessions(), crew.waiting(id), phaseNow);
    Decision decision = PoolSizer.decide(wants, has);
    if (decision.promote()) {
      if (parts.ledger().updatePool(pool.withActive(pool.desired()))) {
        log.info("pool {} serves {} from now on", id, pool.desired().id());
        report(PoolEvent.Kind.UPDATED, pool.desired().id() + " serves from now on");
        crew.poolChanged(id);
      }
      wake();
      return;
    }
    hostFull = null;
    refused = null;
    start(pool, active, here.active() ? decision.startCurrent() : 0);
    start(pool, pool.desired(), decision.startComing());
    retire(Census.cheapest(census.current(), decision.retireCurrent()), "too many are ready");
    retire(
        Census.cheapest(census.stale(), decision.retireStale()), "its revision or policy is old");
    boolean rollingOut = phaseNow != Phase.STEADY;
    if (!rollingOut) {
      retire(census.coming(), "its revision could not be rolled out");
    }
    int wanted = Math.min(pool.readySessions(), Math.max(0, pool.maxSessions() - has.allocated()));
    int ready = rollingOut ? has.comingReady() : has.currentReady();
    phase = images.pulling() ? "pulling image" : ready >= wanted ? "ready" : "starting";
    refill.look(ready >= wanted, parts.time().nanos(), meters);
    settle(
        pool,
        new Rollout.Progress(ready, wanted, failures.count(pool.desired().id()), problem(pool)));
  }

  private Phase phase(PoolRecord pool, Has has) {
    if (!pool.rollingOut()) {
      return Phase.STEADY;
    }
    Duration left =
        trial.left(pool.desired().id(), has.comingReady(), settings.trial(), parts.time().nanos());
    boolean probed = pool.desired().probes().liveness() != null;
    if (!left.isPositive() && (!probed || trial.isHealthy(pool.desired().id()))) {
      return Phase.REPLACING;
    }
    if (left.isPositive() && has.comingReady() > 0) {
      crew.later(left, this::wake);
    }
    return Phase.TRIAL;
  }

  private void start(PoolRecord pool, Revision revision, int count) {
    if (count == 0 || crew.hold().reason() != null || startsHeldBack(revision)) {
      return;
    }
    refused = parts.refusal().apply(pool).orElse(null);
    if (refused != null) {
      log.warn("pool {}: no sandbox is started: {}", id, refused);
      return;
    }
    int allowed = failures.count(revision.id()) > 1 ? 1 : count;
    for (int i = 0; i < allowed; i++) {
      String refusal = crew.start(this, pool, revision);
      if (refusal != null) {
        hostFull = refusal;
        if (!refusal.equals(fullReported)) {
          fullReported = refusal;
          report(PoolEvent.Kind.CAPACITY, refusal);
        }
        crew.later(RETRY, this::wake);
        return;
      }
    }
    fullReported = null;
    report(PoolEvent.Kind.REFILL, allowed + " of " + revision.id() + " are started");
  }

  private void report(PoolEvent.Kind kind, String detail) {
    parts.events().report(PoolEvent.of(kind, id, detail));
  }

  /** A revision that keeps failing is tried again later, one at a time. */
  private boolean startsHeldBack(Revision revision) {
    Duration pause = failures.pause(revision.id(), settings.backoff(), parts.time().nanos());
    if (pause.isPositive()) {
      crew.later(pause, this::wake);
      return true;
    }
    return false;
  }

  private void retire(List<SandboxRecord> sandboxes, String reason) {
    sandboxes.forEach(sandbox -> crew.retire(sandbox.id(), reason));
  }

  private void settle(PoolRecord pool, Rollout.Progress progress) {
    Provisioning next = Rollout.next(pool, progress, sinceChange(), settings.changeDeadline());
    if (!next.equals(pool.provisioning())) {
      if (next.state() == ProvisioningState.FAILED) {
        log.warn("pool {} could not be brought up: {}", id, next.message());
        report(PoolEvent.Kind.UPDATE_FAILED, String.valueOf(next.message()));
      }
      parts.ledger().updatePool(pool.withProvisioning(next));
      wake();
    } else if (next.state() == ProvisioningState.IN_PROGRESS
        && deadlineSetFor != pool.generation()) {
      deadlineSetFor = pool.generation();
      crew.later(settings.changeDeadline().minus(sinceChange()).plusMillis(1), this::wake);
    }
  }

  private Duration sinceChange() {
    return Duration.ofNanos(parts.time().nanos() - generationSeenNanos);
  }

  // --- what became of sandboxes ----------------------------------------------------------------

  /** One came up. */
  void ready(SandboxRecord sandbox) {
    meters.started(PoolMeters.Start.READY);
    failures.success(sandbox.revision(), parts.time().nanos());
    crew.poolChanged(id);
    wake();
  }

  /** One has passed its liveness probe for the first time. */
  void healthy(SandboxRecord sandbox) {
    trial.healthy(sandbox.revision());
    wake();
  }

  /** One that was up died before anybody held it. */
  void failed(SandboxRecord sandbox, Problem problem) {
    failed(sandbox, problem, parts.time().nanos());
  }

  /**
   * One did not come up.
   *
   * @param begunNanos when that was begun
   */
  void failed(SandboxRecord sandbox, Problem problem, long begunNanos) {
    meters.started(PoolMeters.Start.FAILED);
    failures.add(sandbox.revision(), problem, begunNanos, parts.time().nanos());
    trial.failed(sandbox.revision());
    parts
        .events()
        .report(PoolEvent.of(PoolEvent.Kind.SANDBOX_FAILED, id, sandbox.id(), problem.message()));
    int row = failures.count(sandbox.revision());
    if (row > 1) {
      report(PoolEvent.Kind.CRASH_LOOP, row + " in a row: " + problem.message());
    }
    log.warn("pool {}: sandbox {}: {}", id, sandbox.id(), problem.message());
    wake();
  }

  // --- how it stands ---------------------------------------------------------------------------

  private @Nullable Problem problem(PoolRecord pool) {
    String held = crew.hold().reason();
    if (held != null) {
      return new Problem("NetworkNotGuarded", held, false);
    }
    String refusal = refused;
    if (refusal != null) {
      return new Problem("IsolationNotAvailable", refusal, true);
    }
    Problem desired = failures.last(pool.desired().id());
    Revision active = pool.active();
    if (desired != null || active == null) {
      return desired;
    }
    Problem serving = failures.last(active.id());
    String full = hostFull;
    return serving == null && full != null ? new Problem("HostFull", full, false) : serving;
  }

  /** How long no start is tried because the last ones failed; not positive: it is now. */
  Duration pause() {
    return parts
        .ledger()
        .pool(id)
        .map(pool -> pool.active() == null ? pool.desired() : pool.active())
        .map(revision -> failures.pause(revision.id(), settings.backoff(), parts.time().nanos()))
        .orElse(Duration.ZERO);
  }

  /** How the pool stands, with that many sandboxes. */
  PoolCondition condition(PoolRecord pool, List<SandboxCount> sandboxes) {
    String now = images.pulling() ? "pulling image" : phase;
    return new Standing(failures).of(pool, sandboxes, now, problem(pool), images.steps());
  }
}
