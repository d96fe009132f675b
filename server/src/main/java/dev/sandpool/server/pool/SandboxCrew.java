package dev.sandpool.server.pool;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.SandboxExit;
import dev.sandpool.server.ledger.LedgerUnavailableException;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.Reserved;
import dev.sandpool.server.ledger.Revision;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.pool.Pools.Problem;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What does the work that pools ask for: starts and ends sandboxes, with the host's slots, memory
 * and threads, which all pools share.
 */
final class SandboxCrew implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SandboxCrew.class);

  private final KeeperParts parts;
  private final KeeperSettings settings;
  private final SandboxListener listener;
  private final SlotAllocator slots;
  private final RestingSlots resting;
  private final HostMemory memory;
  private final StartLine line;
  private final SandboxStarter starter;
  private final SandboxEnder ender;
  private final LivenessWatch liveness;
  private final EgressEnder egress;
  private final Hold hold = new Hold();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService timer;
  private final ReentrantReadWriteLock starting = new ReentrantReadWriteLock();
  private boolean closing;

  /**
   * @param health told of liveness probes
   * @param gone told of each sandbox of which nothing is left
   */
  SandboxCrew(
      KeeperParts parts,
      KeeperSettings settings,
      SandboxListener listener,
      LivenessWatch.Listener health,
      Consumer<SandboxRecord> gone) {
    this.parts = parts;
    this.settings = settings;
    this.listener = listener;
    this.slots = new SlotAllocator(settings.slots());
    this.resting = new RestingSlots(settings.slotRest());
    this.memory = new HostMemory(settings.hostMemoryBytes());
    this.line = new StartLine(settings.startWidth(), settings.refillWidth(), listener::waiting);
    this.starter = new SandboxStarter(parts, settings, line, hold);
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("pool-timer").factory());
    var notices =
        new SandboxEnder.Notices(
            listener,
            sandbox -> {
              memory.release(sandbox.id());
              forget(sandbox.id());
              gone.accept(sandbox);
            });
    this.ender = new SandboxEnder(parts, settings, notices, starter, threads);
    this.liveness = new LivenessWatch(parts, this::later, health);
    this.egress = new EgressEnder(parts, starter, ender, threads);
  }

  /** Counts what an earlier server left in the ledger. */
  void adopt(Collection<SandboxRecord> records) {
    slots.adopt(records.stream().map(SandboxRecord::slot).toList());
    records.stream()
        .filter(record -> record.state() != SandboxState.GONE)
        .forEach(record -> memory.adopt(record.id(), record.memoryBytes()));
  }

  private void forget(SandboxId sandbox) {
    liveness.forget(sandbox);
    parts.doors().close(sandbox);
  }

  /** Goes on to probe what an earlier server left alive. */
  void watch(Collection<SandboxRecord> adopted) {
    adopted.forEach(liveness::adopt);
  }

  /** From now on nothing is started; returns when every start before it is in the ledger. */
  void startNoMore() {
    starting.writeLock().lock();
    try {
      closing = true;
    } finally {
      starting.writeLock().unlock();
    }
  }

  /** Starts one sandbox, in the background; null, or why there is no room for it now. */
  @Nullable String start(PoolWorker pool, PoolRecord record, Revision revision) {
    starting.readLock().lock();
    try {
      return closing ? "the server stops" : begin(pool, record, revision);
    } finally {
      starting.readLock().unlock();
    }
  }

  private @Nullable String begin(PoolWorker pool, PoolRecord record, Revision revision) {
    SandboxId id = SandboxId.random(parts.random());
    long bytes = revision.memoryBytes() + parts.engine().info().overheadBytes();
    if (!memory.reserve(id, bytes)) {
      return memory.refusal(bytes);
    }
    int slot = slots.take();
    if (slot < 0) {
      memory.release(id);
      return "all " + settings.slots() + " network slots are taken or resting";
    }
    SandboxRecord sandbox =
        new SandboxRecord(
            id,
            revision.id(),
            slot,
            record.network(),
            bytes,
            revision.targetPort(),
            revision.probes().liveness(),
            SandboxState.STARTING,
            null,
            null,
            parts.time().now(),
            null,
            null,
            null,
            null,
            null,
            Reserved.of(revision));
    starter.announce(id);
    try {
      parts.ledger().recordStarting(sandbox);
    } catch (RuntimeException e) {
      starter.withdraw(id);
      memory.release(id);
      slots.free(slot);
      throw e;
    }
    long begun = parts.time().nanos();
    run(() -> bringUp(pool, sandbox, revision, begun));
    return null;
  }

  private void bringUp(PoolWorker pool, SandboxRecord sandbox, Revision revision, long begunNanos) {
    try {
      switch (starter.bringUp(sandbox, revision)) {
        case SandboxStarter.Outcome.Ready ready -> {
          pool.ready(sandbox);
          liveness.begin(sandbox, ready.address());
        }
        case SandboxStarter.Outcome.Cancelled ignored ->
            end(sandbox.id(), "cancelled", Duration.ZERO);
        case SandboxStarter.Outcome.Failed failed -> {
          pool.failed(sandbox, failed.problem(), begunNanos);
          end(sandbox.id(), failed.problem().message(), Duration.ZERO);
        }
      }
    } catch (InterruptedException e) {
      log.debug(
          "the server closes while sandbox {} starts; the next one reclaims it", sandbox.id());
    } catch (LedgerUnavailableException e) {
      log.warn("sandbox {} is up and cannot be recorded: {}", sandbox.id(), e.getMessage());
      end(sandbox.id(), "could not be recorded", Duration.ZERO);
    } catch (RuntimeException e) {
      // Counted as a failure like any other: else it would be tried again without a pause.
      log.error("sandbox {} could not be brought up", sandbox.id(), e);
      pool.failed(
          sandbox, new Problem("SandboxStartFailed", "the server failed: " + e, false), begunNanos);
      end(sandbox.id(), "could not be brought up", Duration.ZERO);
    }
  }

  /** Begins to end a sandbox that gets that long to end by itself. */
  void endGently(SandboxId sandbox, String reason, Duration grace) {
    ender.grace(sandbox, grace);
    ender.end(sandbox, reason, Duration.ZERO);
  }

  /** Ends a sandbox; waits at most that long and answers whether it is gone. */
  boolean end(SandboxId sandbox, String reason, Duration atMost) {
    return ender.end(sandbox, reason, atMost);
  }

  /** Ends a sandbox unless a session has it by now; does not wait. */
  void retire(SandboxId sandbox, String reason) {
    ender.retire(sandbox, reason);
  }

  /** Takes egress from those that have it; does not wait. */
  void endEgress(List<SandboxRecord> sandboxes) {
    egress.end(sandboxes);
  }

  /** Whether starts and claims are held back. */
  Hold hold() {
    return hold;
  }

  /** Whether the exit has failed a start, which deals with it. */
  boolean failedStart(SandboxExit exit) throws InterruptedException {
    return starter.exited(exit);
  }

  /** Gives back the slots of sandboxes that have been gone long enough. */
  void restSlots() {
    List<SandboxRecord> rested = resting.rested(parts.ledger().sandboxes(), parts.time().nanos());
    parts.ledger().forget(rested.stream().map(SandboxRecord::id).toList());
    rested.forEach(record -> slots.free(record.slot()));
  }

  /** Callers have come to wait: starts for which nobody waited may have become urgent. */
  void hurry() {
    line.look();
  }

  /** What is taken of the host. */
  Room room() {
    return new Room(
        slots.taken(), settings.slots(), memory.reservedBytes(), settings.hostMemoryBytes());
  }

  /** How many requests wait for a sandbox of the pool. */
  int waiting(PoolId pool) {
    return listener.waiting(pool);
  }

  /** Claims of the pool may go otherwise now: who waits looks again. */
  void poolChanged(PoolId pool) {
    listener.ready(pool);
  }

  /** Runs on a thread that may block. */
  void run(Runnable task) {
    try {
      threads.execute(task);
    } catch (RejectedExecutionException e) {
      log.debug("closing: {} is left to the next start", task);
    }
  }

  /** Runs after a pause. */
  void later(Duration pause, Runnable task) {
    try {
      timer.schedule(() -> run(task), Math.max(0, pause.toMillis()) + 1, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("closing: {} is left to the next start", task);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    threads.shutdownNow();
    threads.close();
  }
}
