package dev.sandpool.server.logs;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.SandboxRecord;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Steps of sandboxes that the ledger has and no row tells, because the server was killed between:
 * rows are written twice a second.
 */
final class MissedSteps {
  /** Longer than a row waits to be written. */
  private static final Duration DOUBT = Duration.ofMinutes(5);

  /**
   * Later than any step: where rows cannot be read, a step that was told must not be told again.
   */
  private static final long NOTHING_MISSED = Long.MAX_VALUE;

  private static final Logger log = LoggerFactory.getLogger(MissedSteps.class);

  private final LogStore store;
  private final Map<PoolId, Long> doubtful = new HashMap<>();
  private final Set<Told> told = new HashSet<>();

  private record Told(String sandbox, LogOperation operation) {}

  private MissedSteps(LogStore store) {
    this.store = store;
  }

  /**
   * Finds them, of each sandbox in the order in which they happened.
   *
   * @param waiting what is about to be written
   * @param now of a step whose time the ledger does not have: that a sandbox began to stop
   */
  static Map<SandboxId, List<LogFeed.Entry>> find(
      Collection<SandboxRecord> sandboxes,
      List<LogFeed.Entry> waiting,
      LogStore store,
      Instant now) {
    var missed = new MissedSteps(store);
    waiting.forEach(missed::noteWaiting);
    Map<SandboxId, List<LogFeed.Entry>> found = new LinkedHashMap<>();
    for (SandboxRecord sandbox : sandboxes) {
      List<LogFeed.Entry> entries = missed.of(sandbox, now);
      if (!entries.isEmpty()) {
        found.put(sandbox.id(), entries);
      }
    }
    return found;
  }

  private void noteWaiting(LogFeed.Entry entry) {
    switch (entry) {
      case LogFeed.Created(SandboxRecord sandbox, var at) ->
          told.add(new Told(sandbox.id().toString(), LogOperation.CREATED));
      case LogFeed.Allocated(var sandbox, var session, var at) ->
          told.add(new Told(sandbox.toString(), LogOperation.ALLOCATED));
      case LogFeed.Step(var sandbox, LogOperation operation, var text, var at) ->
          told.add(new Told(sandbox.toString(), operation));
      case LogFeed.Gone(var sandbox, var at) ->
          told.add(new Told(sandbox.toString(), LogOperation.STOPPED));
      case LogFeed.OfPool _ -> {
        // Of no sandbox.
      }
    }
  }

  private List<LogFeed.Entry> of(SandboxRecord sandbox, Instant now) {
    List<LogFeed.Entry> found = new ArrayList<>();
    long since = doubtfulSince(sandbox.pool());
    if (isMissed(sandbox, LogOperation.CREATED, sandbox.createdAt(), since)) {
      found.add(new LogFeed.Created(sandbox, sandbox.createdAt()));
    }
    Instant ready = sandbox.readyAt();
    if (ready != null && isMissed(sandbox, LogOperation.READY, ready, since)) {
      found.add(LogFeed.Step.ready(sandbox.id(), ready));
    }
    Instant allocated = sandbox.allocatedAt();
    if (allocated != null && isMissed(sandbox, LogOperation.ALLOCATED, allocated, since)) {
      found.add(
          new LogFeed.Allocated(
              sandbox.id(), Objects.requireNonNull(sandbox.session()), allocated));
    }
    String reason = sandbox.endReason();
    Instant ended = sandbox.endedAt();
    if (reason != null && !isStoppingTold(sandbox, ended, since)) {
      found.add(LogFeed.Step.stopping(sandbox.id(), reason, ended == null ? now : ended));
    }
    if (ended != null && isMissed(sandbox, LogOperation.STOPPED, ended, since)) {
      found.add(new LogFeed.Gone(sandbox.id(), ended));
    }
    return found;
  }

  private boolean isMissed(
      SandboxRecord sandbox, LogOperation operation, Instant at, long sinceMicros) {
    return LogRow.micros(at) >= sinceMicros
        && !told.contains(new Told(sandbox.id().toString(), operation));
  }

  /** When one began to stop is not in the ledger, and stopping may take any time. */
  private boolean isStoppingTold(SandboxRecord sandbox, @Nullable Instant ended, long sinceMicros) {
    if (ended != null && LogRow.micros(ended) < sinceMicros) {
      return true;
    }
    if (ended == null && sinceMicros != NOTHING_MISSED) {
      read(sandbox.pool(), LogRow.micros(sandbox.createdAt()));
    }
    String id = sandbox.id().toString();
    return sinceMicros == NOTHING_MISSED
        || told.contains(new Told(id, LogOperation.STOPPING))
        || told.contains(new Told(id, LogOperation.IDLE));
  }

  /** From when on rows of a pool may be missing; reads those since then. */
  private long doubtfulSince(PoolId pool) {
    return doubtful.computeIfAbsent(
        pool,
        it -> {
          long last = Long.MIN_VALUE;
          for (PoolLog rows : store.pool(it)) {
            last = Math.max(last, rows.table(LogTable.LIFECYCLE).newestMicros());
          }
          long since = last == Long.MIN_VALUE ? last : last - DOUBT.toNanos() / 1_000;
          return read(it, since) ? since : NOTHING_MISSED;
        });
  }

  /** Notes what rows tell from then on; false where they cannot be read. */
  private boolean read(PoolId pool, long sinceMicros) {
    try {
      for (PoolLog rows : store.pool(pool)) {
        rows.<RuntimeException>scan(
            LogTable.LIFECYCLE,
            sinceMicros,
            Long.MAX_VALUE,
            (origin, row) -> {
              told.add(new Told(origin.pod(), row.operation()));
              return true;
            });
      }
      return true;
    } catch (IOException | RuntimeException e) {
      log.warn("what the lifecycle log of pool {} lacks cannot be told: {}", pool, e.toString());
      return false;
    }
  }
}
