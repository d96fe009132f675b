package dev.sandpool.server.logs;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.ConsoleChunk;
import dev.sandpool.server.engine.ConsolePosition;
import dev.sandpool.server.engine.Consoles;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.LedgerUnavailableException;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries what sandboxes print and what becomes of them into the store: one thread that looks twice
 * a second, so it costs the same whatever is asked of the server meanwhile.
 */
public final class LogCollector implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LogCollector.class);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration RETENTION = Duration.ofMinutes(1);

  /** How long the rest of a line is waited for. */
  private static final long LINE_NANOS = Duration.ofSeconds(2).toNanos();

  /** Of one console in one look. */
  private static final int CHUNK = 256 << 10;

  private final Parts parts;
  private final PlaceFinder places;
  private final Map<SandboxId, Source> sources = new HashMap<>();
  private final List<LogFeed.Entry> first = new ArrayList<>();
  private final Thread thread;
  private long retainedNanos;
  private long dropsTold;
  private volatile boolean closing;

  /** What the collector works with. */
  public record Parts(
      Ledger ledger,
      Consoles consoles,
      LogStore store,
      LogFeed feed,
      LogCounters counters,
      SessionHash hash,
      Time time) {}

  public LogCollector(Parts parts) {
    this.parts = parts;
    this.places = new PlaceFinder(parts.ledger, parts.store, parts.time);
    this.thread = Thread.ofPlatform().name("logs").daemon().unstarted(this::run);
  }

  /** Begins; what was printed while no server ran is collected first. */
  public void start() throws IOException {
    adopt();
    thread.start();
  }

  // --- what there is at start ------------------------------------------------------------------

  void adopt() throws IOException {
    Map<SandboxId, LogStore.Reached> reached = parts.store.reached();
    Set<SandboxId> ended = new HashSet<>(parts.consoles.ended());
    Collection<SandboxRecord> sandboxes = parts.ledger.sandboxes();
    List<LogFeed.Entry> waiting = parts.feed.drain();
    Map<SandboxId, List<LogFeed.Entry>> missed =
        MissedSteps.find(sandboxes, waiting, parts.store, parts.time.now());
    missed.values().forEach(first::addAll);
    first.addAll(waiting);
    for (SandboxRecord sandbox : sandboxes) {
      SandboxId id = sandbox.id();
      boolean gone = sandbox.state() == SandboxState.GONE;
      if (!gone || ended.remove(id) || missed.containsKey(id)) {
        LogStore.Reached at = reached.get(id);
        Source source =
            new Source(
                sandbox.pool(),
                LogOrigin.of(sandbox),
                at == null ? ConsolePosition.start(id) : at.read());
        SessionKey session = sandbox.session();
        Instant since = sandbox.allocatedAt();
        if (session != null && since != null) {
          source.allocated(parts.hash.of(session), LogRow.micros(since));
        }
        if (gone) {
          source.markGone();
        }
        sources.putIfAbsent(id, source);
      }
      ended.remove(id);
    }
    for (SandboxId id : ended) {
      LogStore.Reached at = reached.get(id);
      if (at == null) {
        parts.counters.stranger();
        parts.consoles.release(id);
      } else {
        var source = new Source(at.pool(), new LogOrigin(id.toString(), "", ""), at.read());
        source.markGone();
        sources.put(id, source);
      }
    }
  }

  // --- round after round -----------------------------------------------------------------------

  private void run() {
    while (!closing) {
      boolean more = false;
      try {
        more = round();
        retain();
      } catch (IOException | LedgerUnavailableException e) {
        parts.counters.failure();
        log.warn("logs wait: {}", e.toString());
      } catch (RuntimeException e) {
        parts.counters.failure();
        log.error("logs could not be collected, trying again", e);
      }
      if (!more) {
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }

  /** Collects what is there; answers whether there is more already. */
  boolean round() throws IOException {
    var batch = new Batch();
    List<LogFeed.Entry> entries = parts.feed.drain();
    Set<SandboxId> goneBefore = new HashSet<>();
    sources.forEach((id, source) -> addIf(source.isGone(), goneBefore, id));
    tellFirst();
    entries.forEach(entry -> take(entry, batch));
    boolean more = readConsoles(batch, goneBefore);
    tellDrops(batch);
    batch.write();
    return more;
  }

  /** What was there at the start, without waiting for an engine that is asked for consoles. */
  private void tellFirst() throws IOException {
    if (!first.isEmpty()) {
      var batch = new Batch();
      first.forEach(entry -> take(entry, batch));
      first.clear();
      batch.write();
    }
  }

  private static void addIf(boolean gone, Set<SandboxId> to, SandboxId id) {
    if (gone) {
      to.add(id);
    }
  }

  private void take(LogFeed.Entry entry, Batch batch) {
    switch (entry) {
      case LogFeed.Created(SandboxRecord sandbox, Instant at) -> {
        SandboxId id = sandbox.id();
        sources.putIfAbsent(
            id, new Source(sandbox.pool(), LogOrigin.of(sandbox), ConsolePosition.start(id)));
        step(id, LogOperation.CREATED, "created for " + sandbox.revision(), at, batch);
      }
      case LogFeed.Allocated(SandboxId id, SessionKey session, Instant at) -> {
        Source source = sources.get(id);
        if (source != null) {
          source.allocated(parts.hash.of(session), LogRow.micros(at));
        }
        step(id, LogOperation.ALLOCATED, "allocated to a session", at, batch);
      }
      case LogFeed.Step(SandboxId id, LogOperation operation, String text, Instant at) ->
          step(id, operation, text, at, batch);
      case LogFeed.Gone(SandboxId id, Instant at) -> {
        step(id, LogOperation.STOPPED, "nothing of it is left", at, batch);
        Source source = sources.get(id);
        if (source != null) {
          source.markGone();
        }
      }
      case LogFeed.OfPool(PoolId pool, LogOperation operation, String text, Instant at) ->
          batch.add(
              pool, LogTable.POOL, LogBlock.of(LogOrigin.POOL, LogRow.of(at, operation, text)));
    }
  }

  private void step(SandboxId id, LogOperation operation, String text, Instant at, Batch batch) {
    Source source = sources.get(id);
    if (source != null) {
      LogRow row = LogRow.of(at, operation, text);
      batch.add(source.pool(), LogTable.LIFECYCLE, LogBlock.of(source.origin(), row));
    } else {
      parts.counters.stranger();
    }
  }

  private boolean readConsoles(Batch batch, Set<SandboxId> goneBefore) throws IOException {
    List<ConsolePosition> positions = sources.values().stream().map(Source::read).toList();
    Set<SandboxId> silent = new HashSet<>(goneBefore);
    boolean more = false;
    for (ConsoleChunk chunk : parts.consoles.read(positions, CHUNK)) {
      Source source = sources.get(chunk.sandbox());
      if (source != null) {
        silent.remove(chunk.sandbox());
        more |= read(source, chunk, batch);
      }
    }
    // Nothing of them is left, and they never had a console.
    sources.keySet().removeAll(silent);
    return more;
  }

  /** Takes a chunk into the batch; answers whether there is more already. */
  private boolean read(Source source, ConsoleChunk chunk, Batch batch) {
    boolean full = chunk.bytes().length >= CHUNK;
    long nanos = parts.time.nanos();
    long micros = LogRow.micros(parts.time.now());
    ChunkRows read = ChunkRows.of(chunk, micros, source.holdsFor(LINE_NANOS, nanos));
    if (full && read.rows().isEmpty()) {
      read = ChunkRows.of(chunk, micros, true);
    }
    source.hold(read.held(), nanos);
    List<LogRow> rows = read.rows();
    if (chunk.gap()) {
      parts.counters.gap();
      rows = new ArrayList<>(rows);
      rows.addFirst(
          new LogRow(
              rows.isEmpty() ? micros : rows.getFirst().micros(),
              LogOperation.OUTPUT_LOST,
              LogRow.of(
                      parts.time.now(),
                      LogOperation.OUTPUT_LOST,
                      "lines before this one were replaced before they could be read")
                  .text()));
    }
    ConsolePosition after = read.after();
    // A console has ended for good only when the ledger says so too: a start may be repeated.
    boolean end = chunk.ended() && source.isGone();
    if (rows.isEmpty() && after.equals(source.read()) && !end) {
      return false;
    }
    source
        .blocks(rows, after, end)
        .forEach(block -> batch.add(source.pool(), LogTable.CONSOLE, block));
    if (end) {
      batch.ends(chunk.sandbox());
    }
    return full || (chunk.complete() && !chunk.ended());
  }

  private void tellDrops(Batch batch) {
    long drops = parts.counters.droppedEvents();
    if (drops > dropsTold) {
      String text = (drops - dropsTold) + " events were dropped: too many came at once";
      LogRow row = LogRow.of(parts.time.now(), LogOperation.EVENTS_DROPPED, text);
      Set<PoolId> pools = new HashSet<>();
      sources.values().forEach(source -> pools.add(source.pool()));
      pools.forEach(pool -> batch.add(pool, LogTable.POOL, LogBlock.of(LogOrigin.POOL, row)));
      dropsTold = drops;
    }
  }

  private void retain() throws IOException {
    long now = parts.time.nanos();
    if (retainedNanos == 0 || now - retainedNanos > RETENTION.toNanos()) {
      retainedNanos = now;
      parts.store.retain(parts.time.now());
    }
  }

  /** What one round stores: one write a table. */
  private final class Batch {
    private final Map<PoolId, Map<LogTable, List<LogBlock>>> blocks = new LinkedHashMap<>();
    private final Set<SandboxId> ended = new HashSet<>();

    void add(PoolId pool, LogTable table, LogBlock block) {
      blocks
          .computeIfAbsent(pool, it -> new EnumMap<>(LogTable.class))
          .computeIfAbsent(table, it -> new ArrayList<>())
          .add(block);
    }

    void ends(SandboxId sandbox) {
      ended.add(sandbox);
    }

    void write() throws IOException {
      for (Map.Entry<PoolId, Map<LogTable, List<LogBlock>>> pool : blocks.entrySet()) {
        write(pool.getKey(), pool.getValue());
      }
      for (SandboxId id : ended) {
        if (!sources.containsKey(id)) {
          parts.consoles.release(id);
        }
      }
    }

    private void write(PoolId pool, Map<LogTable, List<LogBlock>> tables) {
      var place = places.of(pool);
      if (place.isEmpty()) {
        parts.counters.stranger();
        tables.getOrDefault(LogTable.CONSOLE, List.of()).forEach(this::settle);
        return;
      }
      tables.forEach(
          (table, added) -> {
            try {
              parts.store.append(place.get(), table, added);
              added.forEach(this::settle);
            } catch (IOException e) {
              // Consoles are read again from where they were; events are gone.
              parts.counters.failure();
              if (table != LogTable.CONSOLE) {
                added.forEach(block -> parts.counters.droppedEvent());
              }
              log.warn("logs of pool {} cannot be written: {}", pool, e.toString());
            }
          });
    }

    private void settle(LogBlock block) {
      ConsolePosition read = block.read();
      if (read == null) {
        return;
      }
      Source source = sources.get(read.sandbox());
      if (source != null) {
        source.read(read);
      }
      if (block.ended()) {
        sources.remove(read.sandbox());
      }
    }
  }

  /** Ends the thread after a last look. */
  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(thread);
    try {
      thread.join(PAUSE.multipliedBy(20));
      if (!thread.isAlive()) {
        round();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      log.warn("the last logs are collected at the next start: {}", e.toString());
    }
  }
}
