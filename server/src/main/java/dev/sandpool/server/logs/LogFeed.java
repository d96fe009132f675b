package dev.sandpool.server.logs;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.EndReason;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.lifecycle.LifecycleEvent;
import dev.sandpool.server.lifecycle.LifecycleSink;
import dev.sandpool.server.lifecycle.PoolEvent;
import dev.sandpool.server.time.Time;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * What happens, on its way to the collector. Whoever tells it returns at once: what the collector
 * cannot take is dropped and counted.
 */
public final class LogFeed implements LifecycleSink {
  private static final int ROOM = 20_000;

  private final ArrayBlockingQueue<Entry> queue = new ArrayBlockingQueue<>(ROOM);
  private final LogCounters counters;
  private final Time time;

  public LogFeed(LogCounters counters, Time time) {
    this.counters = counters;
    this.time = time;
  }

  /** Something that happened. */
  sealed interface Entry {
    Instant at();
  }

  /** A sandbox was recorded; it will have a console. */
  record Created(SandboxRecord sandbox, Instant at) implements Entry {}

  /** A session got a sandbox. */
  record Allocated(SandboxId sandbox, SessionKey session, Instant at) implements Entry {}

  /** Any other step of a sandbox. */
  record Step(SandboxId sandbox, LogOperation operation, String text, Instant at) implements Entry {
    private static final Set<String> IDLE = Set.of(EndReason.IDLE, EndReason.LIFETIME);

    static Step ready(SandboxId sandbox, Instant at) {
      return new Step(sandbox, LogOperation.READY, "ready to be allocated", at);
    }

    static Step stopping(SandboxId sandbox, String reason, Instant at) {
      LogOperation operation = IDLE.contains(reason) ? LogOperation.IDLE : LogOperation.STOPPING;
      return new Step(sandbox, operation, reason, at);
    }
  }

  /** Nothing of a sandbox is left. */
  record Gone(SandboxId sandbox, Instant at) implements Entry {}

  /** Something of a pool. */
  record OfPool(PoolId pool, LogOperation operation, String text, Instant at) implements Entry {}

  void tell(Entry entry) {
    if (!queue.offer(entry)) {
      counters.droppedEvent();
    }
  }

  List<Entry> drain() {
    List<Entry> entries = new ArrayList<>();
    queue.drainTo(entries);
    return entries;
  }

  @Override
  public void report(LifecycleEvent event) {
    switch (event.kind()) {
      case SANDBOX_DIED, SANDBOX_UNHEALTHY, SANDBOX_LOST, SANDBOX_DAMAGED ->
          event
              .sandbox()
              .ifPresent(
                  id -> {
                    String text = event.kind().label() + ": " + event.detail();
                    tell(new Step(id, LogOperation.FAILED, text, time.now()));
                  });
      case LEFTOVER_RECLAIMED,
          LEDGER_RESTORED,
          LEDGER_UNWRITABLE,
          LEDGER_WRITABLE,
          DISK_FULL,
          DISK_HAS_ROOM,
          CLOCK_STEPPED,
          HOST_REBOOTED,
          RULES_LOST,
          RULES_RESTORED -> {
        // Of the host, whose logs are its operator's.
      }
    }
  }

  @Override
  public void report(PoolEvent event) {
    if (event.sandbox().isPresent()) {
      SandboxId id = event.sandbox().get();
      tell(new Step(id, LogOperation.FAILED, event.detail(), time.now()));
    } else {
      tell(new OfPool(event.pool(), operation(event.kind()), event.detail(), time.now()));
    }
  }

  private static LogOperation operation(PoolEvent.Kind kind) {
    return switch (kind) {
      case IMAGE_PULLING -> LogOperation.IMAGE_PULLING;
      case IMAGE_PULLED -> LogOperation.IMAGE_PULLED;
      case IMAGE_PULL_FAILED -> LogOperation.IMAGE_PULL_FAILED;
      case SANDBOX_FAILED -> LogOperation.FAILED;
      case CRASH_LOOP -> LogOperation.CRASH_LOOP;
      case CAPACITY -> LogOperation.CAPACITY;
      case UPDATED -> LogOperation.UPDATED;
      case UPDATE_FAILED -> LogOperation.UPDATE_FAILED;
      case REFILL -> LogOperation.REFILL;
      case SNAPSHOT_LOST -> LogOperation.SNAPSHOT_LOST;
    };
  }
}
