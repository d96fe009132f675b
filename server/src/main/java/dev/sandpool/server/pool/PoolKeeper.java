package dev.sandpool.server.pool;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.EngineEvent;
import dev.sandpool.server.engine.IdentityDoor;
import dev.sandpool.server.engine.NetworkGuard;
import dev.sandpool.server.engine.RunningSandbox;
import dev.sandpool.server.engine.SandboxExit;
import dev.sandpool.server.engine.SnapshotLoss;
import dev.sandpool.server.ledger.LedgerUnavailableException;
import dev.sandpool.server.ledger.Lifecycle;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.Probe;
import dev.sandpool.server.ledger.SandboxCount;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.lifecycle.LifecycleEvent;
import dev.sandpool.server.lifecycle.PoolEvent;
import dev.sandpool.server.session.Sandboxes;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keeper of all pools: keeps ready sandboxes ready, replaces what dies, ends what is to end. It
 * knows pools and engines and nothing of HTTP.
 */
public final class PoolKeeper implements Pools, Sandboxes, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PoolKeeper.class);

  /** How long a lie of the host stays unnoticed where no event tells of it. */
  private static final Duration HOST_LOOK = Duration.ofSeconds(5);

  private static final Duration COLLECTION = Duration.ofMinutes(10);
  private static final Duration EXIT_RETRY = Duration.ofSeconds(1);

  /**
   * One that is ending keeps its memory and its slot beside the one that takes its place, so a
   * guest that ignores being asked must not have the hour that the contract allows.
   */
  private static final Duration LONGEST_GRACE = Duration.ofSeconds(30);

  private final KeeperParts parts;
  private final KeeperSettings settings;
  private final SandboxListener listener;
  private final SandboxCrew crew;
  private final HostWatch watch;
  private final ImageCollector collector;
  private final List<SandboxId> unburied = new ArrayList<>();
  private final ConcurrentHashMap<PoolId, PoolWorker> workers = new ConcurrentHashMap<>();

  public PoolKeeper(KeeperParts parts, KeeperSettings settings, SandboxListener listener) {
    this.parts = parts;
    this.settings = settings;
    this.listener = listener;
    this.crew =
        new SandboxCrew(
            parts, settings, listener, new Health(), sandbox -> changed(sandbox.pool()));
    this.watch = new HostWatch(parts, crew);
    this.collector = new ImageCollector(parts, settings.retention());
  }

  /**
   * Joins ledger and host: what is recorded and alive is adopted, all else is reclaimed. Before the
   * ports are opened, and before {@link #start}.
   *
   * @param rebooted whether the host was booted since the last start: then nothing is adopted
   * @return the sandboxes that were adopted
   */
  public List<SandboxRecord> recover(boolean rebooted) {
    Recovery.Found found = new Recovery(parts).run(rebooted);
    unburied.addAll(found.unburied());
    crew.adopt(parts.ledger().sandboxes());
    openDoors(found.adopted(), found.living());
    return found.adopted();
  }

  /** To those that could ask for tokens before: they keep the variables that they have. */
  private void openDoors(List<SandboxRecord> adopted, List<RunningSandbox> living) {
    Map<SandboxId, SandboxRecord> records =
        adopted.stream().collect(Collectors.toMap(SandboxRecord::id, Function.identity()));
    for (RunningSandbox running : living) {
      SandboxRecord record = records.get(running.id());
      IdentityDoor door = running.door();
      if (record != null && door != null) {
        try {
          parts.doors().open(record.id(), record.pool(), door);
        } catch (IOException e) {
          log.error("sandbox {} gets no more tokens: {}", record.id(), e.getMessage());
        }
      }
    }
  }

  /** Begins to keep all pools of the ledger. */
  public void start() {
    parts.engine().listen(this::happened);
    crew.watch(parts.ledger().sandboxes());
    unburied.forEach(sandbox -> crew.end(sandbox, Recovery.LOST, Duration.ZERO));
    parts.ledger().pools().forEach(pool -> changed(pool.id()));
    chore("slots that rest", settings.slotRest().dividedBy(4), crew::restSlots).run();
    chore("lies of the host", HOST_LOOK, this::lookAtHost).begin();
    chore("images that nobody uses", COLLECTION, this::collectImages).begin();
  }

  private Chore chore(String name, Duration pause, Runnable work) {
    return new Chore(name, pause, crew::later, work);
  }

  private void happened(EngineEvent event) {
    switch (event) {
      case SandboxExit exit -> crew.run(() -> exited(exit));
      case NetworkGuard guard -> guarded(guard);
      case SnapshotLoss loss -> crew.run(() -> snapshotLost(loss));
    }
  }

  private void snapshotLost(SnapshotLoss loss) {
    for (PoolRecord pool : parts.ledger().pools()) {
      if (Snapshotting.names(pool).contains(loss.snapshot())) {
        parts.events().report(PoolEvent.of(PoolEvent.Kind.SNAPSHOT_LOST, pool.id(), loss.why()));
      }
    }
  }

  /** Sessions that are known go on: what they may reach is no less than what they reached. */
  private void guarded(NetworkGuard guard) {
    boolean held = crew.hold().reason() != null;
    if (!guard.inForce()) {
      crew.hold().set(guard.detail());
      if (!held) {
        rules(
            LifecycleEvent.Kind.RULES_LOST,
            guard.detail() + "; no sandbox is started or given to a session");
      }
    } else if (held) {
      crew.hold().set(null);
      rules(
          LifecycleEvent.Kind.RULES_RESTORED,
          guard.detail() + "; sandboxes are started and given to sessions again");
      workers.forEach(
          (pool, worker) -> {
            worker.wake();
            listener.ready(pool);
          });
    }
  }

  private void rules(LifecycleEvent.Kind kind, String detail) {
    parts.events().report(LifecycleEvent.of(kind, detail));
  }

  /** Finds out what of the host is not as it was left. */
  void lookAtHost() {
    watch.look();
  }

  /** Has images removed that nothing uses. */
  void collectImages() {
    collector.collect();
  }

  private void exited(SandboxExit exit) {
    Optional<SandboxRecord> found;
    try {
      if (crew.failedStart(exit)) {
        return;
      }
      found = parts.ledger().sandbox(exit.id());
    } catch (InterruptedException e) {
      log.debug("closing: the exit of sandbox {} is left to the next start", exit.id());
      return;
    } catch (LedgerUnavailableException e) {
      crew.later(EXIT_RETRY, () -> exited(exit));
      return;
    }
    Problem problem = SandboxStarter.crashed(exit);
    found.filter(sandbox -> !doneBySelf(sandbox, exit)).ifPresent(sandbox -> died(sandbox, exit));
    found
        .filter(sandbox -> sandbox.state().unallocated())
        .ifPresent(sandbox -> worker(sandbox.pool()).failed(sandbox, problem));
    crew.end(exit.id(), problem.message(), Duration.ZERO);
  }

  private void died(SandboxRecord sandbox, SandboxExit exit) {
    String how =
        exit.outOfMemory()
            ? "out of memory"
            : exit.exitCode() < 0 ? "nobody knows how" : "exit code " + exit.exitCode();
    parts
        .events()
        .report(
            LifecycleEvent.of(
                LifecycleEvent.Kind.SANDBOX_DIED,
                sandbox.id(),
                how + ", it was " + sandbox.state()));
  }

  /** A session's container has done what it was there for. */
  private boolean doneBySelf(SandboxRecord sandbox, SandboxExit exit) {
    return sandbox.state() == SandboxState.ALLOCATED
        && !exit.outOfMemory()
        && exit.exitCode() >= 0
        && parts
            .ledger()
            .pool(sandbox.pool())
            .filter(pool -> pool.lifecycle() instanceof Lifecycle.OnContainerExit)
            .isPresent();
  }

  private void unhealthy(SandboxRecord probed, Probe probe, String why) {
    SandboxId id = probed.id();
    try {
      parts
          .ledger()
          .sandbox(id)
          .filter(sandbox -> sandbox.state().living())
          .ifPresent(sandbox -> replace(sandbox, probe, why));
    } catch (LedgerUnavailableException e) {
      crew.later(EXIT_RETRY, () -> unhealthy(probed, probe, why));
    }
  }

  private void replace(SandboxRecord sandbox, Probe probe, String why) {
    parts
        .events()
        .report(
            LifecycleEvent.of(
                LifecycleEvent.Kind.SANDBOX_UNHEALTHY,
                sandbox.id(),
                why + ", it was " + sandbox.state()));
    if (sandbox.state().unallocated()) {
      worker(sandbox.pool()).failed(sandbox, new Problem("ProbeFailed", why, false));
    }
    Integer grace = probe.terminationGracePeriodSeconds();
    if (grace == null) {
      crew.end(sandbox.id(), why, Duration.ZERO);
    } else {
      Duration asked = Duration.ofSeconds(grace);
      crew.endGently(sandbox.id(), why, asked.compareTo(LONGEST_GRACE) < 0 ? asked : LONGEST_GRACE);
    }
  }

  private final class Health implements LivenessWatch.Listener {
    @Override
    public void passed(SandboxRecord sandbox) {
      worker(sandbox.pool()).healthy(sandbox);
    }

    @Override
    public void failed(SandboxRecord sandbox, Probe probe, String why) {
      unhealthy(sandbox, probe, why);
    }
  }

  @Override
  public void changed(PoolId pool) {
    worker(pool).wake();
  }

  @Override
  public void replenish(PoolId pool) {
    if (listener.waiting(pool) > 0) {
      crew.hurry();
      worker(pool).wake();
    } else {
      worker(pool).taken();
    }
  }

  @Override
  public PoolCondition condition(PoolId pool) {
    return parts
        .ledger()
        .pool(pool)
        .map(record -> conditions(List.of(record)).get(pool))
        .orElse(Standing.DELETED);
  }

  @Override
  public Map<PoolId, PoolCondition> conditions(List<PoolRecord> pools) {
    Map<PoolId, List<SandboxCount>> counts =
        parts.ledger().counts(pools.stream().map(PoolRecord::id).toList()).stream()
            .collect(Collectors.groupingBy(SandboxCount::pool));
    return pools.stream()
        .collect(
            Collectors.toMap(
                PoolRecord::id,
                pool ->
                    worker(pool.id()).condition(pool, counts.getOrDefault(pool.id(), List.of()))));
  }

  /** How much of the host sandboxes have taken. */
  public Room room() {
    return crew.room();
  }

  @Override
  public Set<String> imagesRunning() {
    return collector.running();
  }

  @Override
  public boolean claimsHeld() {
    return crew.hold().reason() != null;
  }

  @Override
  public String whyNoneReady(PoolId pool) {
    PoolCondition condition = condition(pool);
    Problem problem = condition.problem();
    return problem == null
        ? "%s, %d starting".formatted(condition.phase(), condition.starting())
        : problem.message();
  }

  @Override
  public Duration readyPause(PoolId pool) {
    return worker(pool).pause();
  }

  @Override
  public boolean destroy(SandboxId sandbox, String reason, Duration atMost) {
    return crew.end(sandbox, reason, atMost);
  }

  /** Ends every sandbox, starts none any more, and waits, for a server that is to leave none. */
  public void stopAll(Duration atMost) {
    crew.startNoMore();
    long deadline = parts.time().nanos() + atMost.toNanos();
    List<SandboxRecord> living =
        parts.ledger().sandboxes().stream()
            .filter(sandbox -> sandbox.state() != SandboxState.GONE)
            .toList();
    living.forEach(sandbox -> crew.end(sandbox.id(), "the server stops", Duration.ZERO));
    for (SandboxRecord sandbox : living) {
      Duration left = Duration.ofNanos(Math.max(1, deadline - parts.time().nanos()));
      if (!crew.end(sandbox.id(), "the server stops", left)) {
        log.warn("sandbox {} was still ending when time was up", sandbox.id());
      }
    }
  }

  private PoolWorker worker(PoolId pool) {
    return workers.computeIfAbsent(pool, this::newWorker);
  }

  private PoolWorker newWorker(PoolId pool) {
    return new PoolWorker(pool, parts, settings, crew, () -> workers.remove(pool));
  }

  @Override
  public void close() {
    crew.close();
  }
}
