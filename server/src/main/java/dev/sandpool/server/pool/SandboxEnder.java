package dev.sandpool.server.pool;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.SandboxNetworkException;
import dev.sandpool.server.engine.SandboxStopException;
import dev.sandpool.server.ledger.LedgerUnavailableException;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends sandboxes: first the ledger, then whoever sends to them, then their processes, then the
 * ledger again. What was begun goes on until nothing is left, however often a step fails.
 */
final class SandboxEnder {
  private static final Logger log = LoggerFactory.getLogger(SandboxEnder.class);
  private static final Duration FIRST_RETRY = Duration.ofMillis(200);
  private static final Duration LAST_RETRY = Duration.ofSeconds(10);

  private final KeeperParts parts;
  private final KeeperSettings settings;
  private final SandboxListener listener;
  private final SandboxStarter starter;
  private final Consumer<SandboxRecord> afterwards;
  private final ExecutorService threads;
  private final ConcurrentHashMap<SandboxId, CountDownLatch> ending = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<SandboxId, Duration> graces = new ConcurrentHashMap<>();
  private final Set<SandboxId> retiring = ConcurrentHashMap.newKeySet();

  SandboxEnder(
      KeeperParts parts,
      KeeperSettings settings,
      Notices notices,
      SandboxStarter starter,
      ExecutorService threads) {
    this.parts = parts;
    this.settings = settings;
    this.listener = notices.listener();
    this.afterwards = notices.afterwards();
    this.starter = starter;
    this.threads = threads;
  }

  /**
   * Who is told of an end.
   *
   * @param afterwards told of each sandbox of which nothing is left
   */
  record Notices(SandboxListener listener, Consumer<SandboxRecord> afterwards) {}

  /** Its end, if it is not under way, gives it that long to end by itself. */
  void grace(SandboxId sandbox, Duration grace) {
    graces.put(sandbox, grace);
  }

  /** Begins to end it, if that is not under way, and waits; answers whether it is gone. */
  boolean end(SandboxId sandbox, String reason, Duration atMost) {
    var mine = new CountDownLatch(1);
    CountDownLatch under = ending.putIfAbsent(sandbox, mine);
    if (under == null) {
      under = mine;
      try {
        threads.execute(() -> run(sandbox, reason, mine));
      } catch (RejectedExecutionException e) {
        log.debug("the server has closed; the next start ends sandbox {}", sandbox);
        ending.remove(sandbox, mine);
        mine.countDown();
        return false;
      }
    }
    if (atMost.isZero()) {
      return under.getCount() == 0;
    }
    try {
      return under.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Begins to end it, unless a session has claimed it since somebody found it to be too many: that
   * is asked and recorded in one step of the ledger, so neither overtakes the other.
   */
  void retire(SandboxId sandbox, String reason) {
    if (retiring.add(sandbox)) {
      threads.execute(() -> retireNow(sandbox, reason));
    }
  }

  private void retireNow(SandboxId sandbox, String reason) {
    try {
      if (insist("retire", sandbox, () -> markRetired(sandbox, reason))) {
        end(sandbox, reason, Duration.ZERO);
      }
    } catch (InterruptedException e) {
      log.debug("the server closes while sandbox {} is retired; the next start decides", sandbox);
    } finally {
      retiring.remove(sandbox);
    }
  }

  private boolean markRetired(SandboxId sandbox, String reason) {
    return parts.ledger().markRetired(sandbox, reason, parts.time().now());
  }

  private void run(SandboxId sandbox, String reason, CountDownLatch done) {
    try {
      Optional<SandboxRecord> record =
          insist("read", sandbox, () -> parts.ledger().sandbox(sandbox));
      if (record.isEmpty() || record.get().state() == SandboxState.GONE) {
        listener.gone(sandbox);
        return;
      }
      insist("record the end of", sandbox, () -> markStopping(sandbox, reason));
      insist("announce the end of", sandbox, () -> told(() -> listener.ending(sandbox)));
      starter.cancel(sandbox);
      insist("stop", sandbox, () -> stop(sandbox));
      insist("record the death of", sandbox, () -> markGone(sandbox));
      log.info("sandbox {} is gone: {}", sandbox, reason);
      insist("settle the end of", sandbox, () -> told(() -> afterwards.accept(record.get())));
      insist("announce the death of", sandbox, () -> told(() -> listener.gone(sandbox)));
    } catch (InterruptedException e) {
      log.debug("the server closes while sandbox {} is ending; the next start goes on", sandbox);
    } finally {
      ending.remove(sandbox, done);
      graces.remove(sandbox);
      done.countDown();
    }
  }

  private static boolean told(Runnable message) {
    message.run();
    return true;
  }

  private boolean markStopping(SandboxId sandbox, String reason) {
    return parts.ledger().markStopping(sandbox, reason, parts.time().now());
  }

  private boolean stop(SandboxId sandbox) throws SandboxStopException {
    parts.engine().stop(sandbox, graces.getOrDefault(sandbox, settings.stopGrace()));
    return true;
  }

  private boolean markGone(SandboxId sandbox) {
    parts.ledger().markGone(sandbox, parts.time().now());
    return true;
  }

  /** Something of an engine or the ledger that may fail for a while. */
  interface Step<T> {
    T run() throws SandboxStopException, SandboxNetworkException;
  }

  /** Repeats a step, with growing pauses, until it succeeds: giving up would leak the sandbox. */
  static <T> T insist(String what, SandboxId sandbox, Step<T> step) throws InterruptedException {
    Duration pause = FIRST_RETRY;
    while (true) {
      try {
        return step.run();
      } catch (SandboxStopException | SandboxNetworkException | LedgerUnavailableException e) {
        log.warn(
            "cannot {} sandbox {}, trying again in {}: {}", what, sandbox, pause, e.getMessage());
      } catch (RuntimeException e) {
        log.error("cannot {} sandbox {}, trying again in {}", what, sandbox, pause, e);
      }
      Thread.sleep(pause);
      Duration next = pause.multipliedBy(2);
      pause = next.compareTo(LAST_RETRY) < 0 ? next : LAST_RETRY;
    }
  }
}
