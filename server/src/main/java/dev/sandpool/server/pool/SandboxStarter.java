package dev.sandpool.server.pool;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.RunningSandbox;
import dev.sandpool.server.engine.SandboxExit;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.SandboxStartException;
import dev.sandpool.server.ledger.Probe;
import dev.sandpool.server.ledger.Revision;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.metrics.PoolMeters;
import dev.sandpool.server.metrics.ServerMeters;
import dev.sandpool.server.metrics.ServerMeters.StartPhase;
import dev.sandpool.server.pool.Pools.Problem;
import dev.sandpool.server.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Brings up sandboxes that are recorded already: starts them and waits until they listen. */
final class SandboxStarter {
  private static final Duration FIRST_PROBE = Duration.ofMillis(5);
  private static final Duration SLOWEST_PROBE = Duration.ofMillis(200);
  private static final int CONNECT_SECONDS = 1;

  private final KeeperParts parts;
  private final KeeperSettings settings;
  private final StartLine line;
  private final Hold hold;
  private final ConcurrentHashMap<SandboxId, Start> starting = new ConcurrentHashMap<>();

  SandboxStarter(KeeperParts parts, KeeperSettings settings, StartLine line, Hold hold) {
    this.line = line;
    this.hold = hold;
    this.parts = parts;
    this.settings = settings;
  }

  /** What came of a start. */
  sealed interface Outcome {
    /** It listens at that address and can be claimed. */
    record Ready(String address) implements Outcome {}

    /** It did not come up; it is to be ended. */
    record Failed(Problem problem) implements Outcome {}

    /** Somebody ended it meanwhile. */
    record Cancelled() implements Outcome {}
  }

  /**
   * Announces a start, before anybody can know the sandbox: who ends it while its start has not
   * begun must find it here, or the start would come after the end.
   */
  void announce(SandboxId sandbox) {
    starting.put(sandbox, new Start());
  }

  /** Takes an announcement back; nothing was recorded. */
  void withdraw(SandboxId sandbox) {
    starting.remove(sandbox);
  }

  /** Starts an announced sandbox and waits until it can be claimed. */
  Outcome bringUp(SandboxRecord sandbox, Revision revision) throws InterruptedException {
    Start start = starting.get(sandbox.id());
    if (start == null) {
      throw new IllegalStateException("the start of " + sandbox.id() + " was not announced");
    }
    try {
      return attempt(sandbox, revision, start);
    } finally {
      starting.remove(sandbox.id(), start);
      start.over.countDown();
    }
  }

  private Outcome attempt(SandboxRecord sandbox, Revision revision, Start start)
      throws InterruptedException {
    RunningSandbox running;
    SandboxSpec spec;
    var watch = new PhaseWatch(parts.metrics().server(), parts.time());
    try (StartLine.Place ignored = line.await(sandbox.pool())) {
      hold.await(() -> start.cancelled);
      if (start.cancelled) {
        return new Outcome.Cancelled();
      }
      watch.over(StartPhase.QUEUED);
      spec = spec(sandbox, revision);
      running = parts.engine().start(spec);
      watch.over(StartPhase.ENGINE);
      if (running.behindLessThan(parts.engine().info())) {
        return new Outcome.Failed(weaker(running));
      }
    } catch (IOException e) {
      return new Outcome.Failed(
          new Problem("SandboxStartFailed", String.valueOf(e.getMessage()), false));
    } catch (SandboxStartException e) {
      return new Outcome.Failed(problem(e));
    }
    Probe startup = revision.probes().startup();
    Problem problem =
        startup == null
            ? awaitListening(running, revision.targetPort(), start)
            : awaitStartup(sandbox, running, startup, start);
    if (problem == null && spec.snapshot() != null && !start.isEnding()) {
      problem = settle(spec, running, start);
    }
    if (problem != null) {
      return new Outcome.Failed(problem);
    }
    watch.over(StartPhase.LISTENING);
    boolean offered =
        !start.cancelled
            && parts.ledger().markReady(sandbox.id(), running.address(), parts.time().now());
    return offered ? new Outcome.Ready(running.address()) : new Outcome.Cancelled();
  }

  /** What is ready may become the first clone of itself, which takes connections anew. */
  private @Nullable Problem settle(SandboxSpec spec, RunningSandbox running, Start start)
      throws InterruptedException {
    try {
      parts.engine().settled(spec);
    } catch (SandboxStartException e) {
      return problem(e);
    }
    return awaitListening(running, spec.targetPort(), start);
  }

  /** Null once it listens, or once the start is cancelled. */
  private @Nullable Problem awaitListening(RunningSandbox running, int port, Start start)
      throws InterruptedException {
    return switch (listens(running, port, start, settings.readyDeadline())) {
      case YES -> null;
      case ENDED -> start.failure();
      case LATE ->
          new Problem(
              "ContainerNotListening",
              "nothing listens on port %d after %d s"
                  .formatted(port, settings.readyDeadline().toSeconds()),
              false);
    };
  }

  /** Null once its startup probe passes, or once the start is cancelled. */
  private @Nullable Problem awaitStartup(
      SandboxRecord sandbox, RunningSandbox running, Probe probe, Start start)
      throws InterruptedException {
    if (start.endsWithin(Duration.ofSeconds(probe.initialDelaySeconds()))) {
      return start.failure();
    }
    Duration period = Duration.ofSeconds(probe.periodSeconds());
    // The first check is made as soon as it can pass: a fast application need not wait for a
    // period.
    if (listens(running, probe.port(), start, period) == Listens.ENDED) {
      return start.failure();
    }
    String why = null;
    for (int failures = 0; failures < probe.failureThreshold(); failures++) {
      if (failures > 0 && start.endsWithin(period)) {
        return start.failure();
      }
      why = start.check.run(() -> parts.probe().failure(running.address(), probe));
      if (start.isEnding()) {
        return start.failure();
      }
      if (why == null) {
        return null;
      }
      parts
          .metrics()
          .find(sandbox.pool())
          .ifPresent(meters -> meters.probeFailed(PoolMeters.ProbeKind.STARTUP));
    }
    return new Problem(
        "ProbeFailed", LivenessWatch.said("startup", probe.failureThreshold(), why), false);
  }

  /** Whether a port takes connections in time. */
  private enum Listens {
    YES,
    LATE,
    /** The sandbox has ended, or its start was cancelled. */
    ENDED
  }

  private Listens listens(RunningSandbox running, int port, Start start, Duration atMost)
      throws InterruptedException {
    Probe probe = Probe.accepts(port, CONNECT_SECONDS);
    long deadline = parts.time().nanos() + atMost.toNanos();
    Duration pause = FIRST_PROBE;
    while (start.check.run(() -> parts.probe().failure(running.address(), probe)) != null) {
      if (parts.time().nanos() - deadline >= 0) {
        return Listens.LATE;
      }
      if (start.endsWithin(pause)) {
        return Listens.ENDED;
      }
      Duration next = pause.multipliedBy(2);
      pause = next.compareTo(SLOWEST_PROBE) < 0 ? next : SLOWEST_PROBE;
    }
    return Listens.YES;
  }

  /**
   * A sandbox has ended by itself; answers whether that has failed its start. An end that comes
   * after the last look, when the sandbox is being offered already, is not the start's to deal
   * with.
   */
  boolean exited(SandboxExit exit) throws InterruptedException {
    Start start = starting.get(exit.id());
    if (start == null) {
      return false;
    }
    start.exit = exit;
    start.end();
    start.over.await();
    return start.exitTaken;
  }

  /** Waits until nobody starts that sandbox any more. */
  void cancel(SandboxId sandbox) throws InterruptedException {
    Start start = starting.get(sandbox);
    if (start != null) {
      start.cancelled = true;
      start.end();
      start.over.await();
    }
  }

  static Problem crashed(SandboxExit exit) {
    String what = exit.outOfMemory() ? "ran out of memory" : "exited with code " + exit.exitCode();
    String output =
        exit.lastOutput().isBlank() ? "it printed nothing" : "last output: " + exit.lastOutput();
    return new Problem("ContainerCrashing", "the container " + what + "; " + output.strip(), false);
  }

  /** An engine that was started again beside this server may have found another runtime. */
  private Problem weaker(RunningSandbox running) {
    return new Problem(
        "IsolationNotAvailable",
        "the engine was started again and has %s, this server shows %s; start the server again"
            .formatted(running.isolation(), parts.engine().info().isolation()),
        false);
  }

  private static Problem problem(SandboxStartException e) {
    return switch (e.kind()) {
      case IMAGE -> new Problem("ContainerStartFailed", e.getMessage(), true);
      case HOST -> new Problem("SandboxStartFailed", e.getMessage(), false);
    };
  }

  private SandboxSpec spec(SandboxRecord sandbox, Revision revision) throws IOException {
    String digest = revision.imageDigest();
    if (digest == null) {
      throw new IllegalStateException(revision + " is started before its image is known");
    }
    return new SandboxSpec(
        sandbox.id(),
        sandbox.slot(),
        digest,
        revision.command(),
        revision.args(),
        environment(sandbox, revision),
        revision.cpu(),
        revision.memoryBytes(),
        revision.targetPort(),
        sandbox.network(),
        revision.identity(),
        snapshot(sandbox.pool(), revision));
  }

  private @Nullable String snapshot(PoolId id, Revision revision) {
    return parts
        .ledger()
        .pool(id)
        .filter(pool -> parts.snapshotStart().test(pool))
        .map(pool -> Snapshotting.name(revision))
        .orElse(null);
  }

  /** With where to ask for tokens: somebody must listen there before the first process can ask. */
  private Map<String, String> environment(SandboxRecord sandbox, Revision revision)
      throws IOException {
    if (!revision.identity()) {
      return revision.env();
    }
    Map<String, String> environment = new HashMap<>(revision.env());
    environment.putAll(
        parts
            .doors()
            .open(sandbox.id(), sandbox.pool(), parts.engine().identityDoor(sandbox.slot())));
    return environment;
  }

  /** Times the phases of one start, one after the other. */
  private static final class PhaseWatch {
    private final ServerMeters meters;
    private final Time time;
    private long since;

    PhaseWatch(ServerMeters meters, Time time) {
      this.meters = meters;
      this.time = time;
      this.since = time.nanos();
    }

    void over(StartPhase phase) {
      long now = time.nanos();
      meters.startPhase(phase).record(now - since);
      since = now;
    }
  }

  /** One start under way. */
  private static final class Start {
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean cancelled;
    private volatile boolean exitTaken;
    private volatile @Nullable SandboxExit exit;
    private final RunningCheck check = new RunningCheck();

    /** Nothing is waited for any more: a probe may take minutes to find out by itself. */
    private void end() {
      ended.countDown();
      check.cancel();
    }

    private boolean isEnding() {
      return ended.getCount() == 0;
    }

    /** Waits that long; whether the sandbox has ended or the start was cancelled meanwhile. */
    private boolean endsWithin(Duration pause) throws InterruptedException {
      return ended.await(pause.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Takes the exit as the start's failure; null if it was cancelled. */
    private @Nullable Problem failure() {
      exitTaken = exit != null;
      return exit == null ? null : crashed(exit);
    }
  }
}
