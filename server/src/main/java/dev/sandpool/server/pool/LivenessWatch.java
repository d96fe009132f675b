package dev.sandpool.server.pool;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.Probe;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.metrics.PoolMeters;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The liveness probes of ready and allocated sandboxes. Between checks a sandbox costs one entry
 * here and one in the keeper's timer; a thread exists as long as a check is under way.
 */
final class LivenessWatch {
  private static final Logger log = LoggerFactory.getLogger(LivenessWatch.class);

  private final KeeperParts parts;
  private final BiConsumer<Duration, Runnable> timer;
  private final Listener listener;
  private final ConcurrentHashMap<SandboxId, Watch> watches = new ConcurrentHashMap<>();

  /** Who is told of what was found. */
  interface Listener {
    /** It has passed for the first time. */
    void passed(SandboxRecord sandbox);

    /** It has failed as often in a row as its probe allows. Told once. */
    void failed(SandboxRecord sandbox, Probe probe, String why);
  }

  /**
   * @param timer runs something after a pause, where it may block
   */
  LivenessWatch(KeeperParts parts, BiConsumer<Duration, Runnable> timer, Listener listener) {
    this.parts = parts;
    this.timer = timer;
    this.listener = listener;
  }

  /** Begins with a sandbox that has just come up; does nothing where it has no probe. */
  void begin(SandboxRecord sandbox, String address) {
    Probe probe = sandbox.liveness();
    if (probe != null) {
      begin(sandbox, address, probe, Duration.ofSeconds(probe.initialDelaySeconds()));
    }
  }

  /** Goes on with an earlier server's, each at another moment of its period. */
  void adopt(SandboxRecord sandbox) {
    Probe probe = sandbox.liveness();
    String address = sandbox.address();
    if (probe != null && address != null && sandbox.state().living()) {
      long period = Duration.ofSeconds(probe.periodSeconds()).toMillis();
      begin(sandbox, address, probe, Duration.ofMillis(parts.random().nextLong(period)));
    }
  }

  private void begin(SandboxRecord sandbox, String address, Probe probe, Duration pause) {
    var watch = new Watch(sandbox, address, probe);
    watches.put(sandbox.id(), watch);
    // It may have ended before it was watched, and its address is another's one day.
    if (parts.ledger().sandbox(sandbox.id()).filter(now -> now.state().living()).isEmpty()) {
      watches.remove(sandbox.id(), watch);
      return;
    }
    timer.accept(pause, () -> check(watch));
  }

  /** Ends with one that is ending, a check that is under way included. */
  void forget(SandboxId sandbox) {
    Watch watch = watches.remove(sandbox);
    if (watch != null) {
      watch.running.cancel();
    }
  }

  private void check(Watch watch) {
    if (watches.get(watch.sandbox.id()) != watch) {
      return;
    }
    boolean again = true;
    try {
      again = checked(watch, watch.running.run(() -> failure(watch)));
    } catch (RuntimeException e) {
      // It says nothing of the sandbox, which must not go on unwatched for it.
      log.error("sandbox {} could not be probed, trying again", watch.sandbox.id(), e);
    }
    if (again) {
      timer.accept(Duration.ofSeconds(watch.probe.periodSeconds()), () -> check(watch));
    }
  }

  private @Nullable String failure(Watch watch) {
    return parts.probe().failure(watch.address, watch.probe);
  }

  /** Acts on what was found; whether to look again. */
  private boolean checked(Watch watch, @Nullable String failure) {
    SandboxRecord sandbox = watch.sandbox;
    if (failure == null) {
      watch.failures = 0;
      if (!watch.passed) {
        listener.passed(sandbox);
        watch.passed = true;
      }
      return true;
    }
    parts
        .metrics()
        .find(sandbox.pool())
        .ifPresent(meters -> meters.probeFailed(PoolMeters.ProbeKind.LIVENESS));
    if (++watch.failures < watch.probe.failureThreshold()) {
      return true;
    }
    if (watches.get(sandbox.id()) == watch) {
      listener.failed(sandbox, watch.probe, said("liveness", watch.failures, failure));
      watches.remove(sandbox.id(), watch);
    }
    return false;
  }

  /** A failed probe in words. */
  static String said(String kind, int failures, @Nullable String why) {
    return "its %s probe failed %d times in a row: %s".formatted(kind, failures, why);
  }

  /** One sandbox's; touched by one check at a time, each handed on by the timer. */
  private static final class Watch {
    private final SandboxRecord sandbox;
    private final String address;
    private final Probe probe;
    private final RunningCheck running = new RunningCheck();
    private int failures;
    private boolean passed;

    Watch(SandboxRecord sandbox, String address, Probe probe) {
      this.sandbox = sandbox;
      this.address = address;
      this.probe = probe;
    }
  }
}
