package dev.sandpool.server.audit;

import dev.sandpool.server.audit.AuditEvent.Kind;
import dev.sandpool.server.audit.AuditEvent.Result;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The record as it is written: one thread gathers what comes and writes it in batches, each on the
 * disk before anybody is told. Event loops leave theirs in a queue and wake nobody.
 */
public final class AuditLog implements Audit, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AuditLog.class);
  private static final int MOST_WAITING = 100_000;
  private static final int BATCH = 1000;
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final AuditFile file;
  private final InstantSource clock;
  private final int most;
  private final ConcurrentLinkedQueue<Entry> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger length = new AtomicInteger();
  private final AtomicLong lost = new AtomicLong();
  private final Thread thread;
  private volatile boolean closing;
  private final Deque<Entry> kept = new ArrayDeque<>();
  private long lostSaid;
  private @Nullable String complaint;

  /**
   * An event that is to be written.
   *
   * @param told when it is on the disk, or cannot be; null: nobody waits
   * @param must whether it is kept until it can be written
   */
  private record Entry(AuditEvent event, @Nullable CompletableFuture<Boolean> told, boolean must) {}

  /**
   * Opens the record to add to it.
   *
   * @param hashing makes of an identifier what may be read by others: a short keyed hash
   * @throws IOException if it cannot be read or written
   */
  public static AuditLog open(
      AuditSettings settings, UnaryOperator<String> hashing, InstantSource clock)
      throws IOException {
    return new AuditLog(AuditFile.open(settings, hashing, clock.instant()), clock, MOST_WAITING);
  }

  AuditLog(AuditFile file, InstantSource clock, int most) {
    this.file = file;
    this.clock = clock;
    this.most = most;
    this.thread = Thread.ofPlatform().name("audit").daemon().start(this::run);
  }

  @Override
  public void record(AuditEvent event) {
    await(event, false);
  }

  @Override
  public void attempt(AuditEvent event) {
    try {
      await(event, true);
    } catch (AuditUnavailableException e) {
      log.debug("recorded later: {}", e.getMessage());
    }
  }

  private void await(AuditEvent event, boolean must) {
    var told = new CompletableFuture<Boolean>();
    waiting.add(new Entry(event, told, must));
    length.incrementAndGet();
    LockSupport.unpark(thread);
    try {
      told.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new AuditUnavailableException(String.valueOf(e.getCause()), e);
    } catch (TimeoutException e) {
      throw new AuditUnavailableException("not on the disk after " + PATIENCE, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AuditUnavailableException("interrupted", e);
    }
  }

  @Override
  public void note(AuditEvent event) {
    if (length.incrementAndGet() > most) {
      length.decrementAndGet();
      lost.incrementAndGet();
    } else {
      waiting.add(new Entry(event, null, true));
    }
  }

  private void run() {
    boolean last = false;
    while (!last) {
      last = closing;
      boolean more = true;
      while (more) {
        more = writeBatch();
      }
      if (!last && waiting.isEmpty()) {
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }

  /** Whether there may be more to write at once. */
  private boolean writeBatch() {
    List<Entry> batch = new ArrayList<>();
    Entry next = next();
    while (next != null) {
      batch.add(next);
      next = batch.size() < BATCH ? next() : null;
    }
    long missing = lost.get() - lostSaid;
    if (batch.isEmpty() && missing == 0) {
      return false;
    }
    try {
      file.write(events(batch, missing), clock.instant());
      lostSaid += missing;
      complaint = null;
      length.addAndGet(-batch.size());
      batch.forEach(AuditLog::succeeded);
      return batch.size() == BATCH;
    } catch (IOException | RuntimeException e) {
      complain(e);
      refuse(batch, e);
      return false;
    }
  }

  private @Nullable Entry next() {
    Entry first = kept.poll();
    return first == null ? waiting.poll() : first;
  }

  /** Whoever waits hears of it at once, also behind more than fits into a batch. */
  private void refuse(List<Entry> batch, Exception cause) {
    List<Entry> all = new ArrayList<>(batch);
    all.addAll(kept);
    kept.clear();
    for (Entry entry = waiting.poll(); entry != null; entry = waiting.poll()) {
      all.add(entry);
    }
    all.forEach(entry -> failed(entry, cause));
  }

  private List<AuditEvent> events(List<Entry> batch, long missing) {
    List<AuditEvent> events = new ArrayList<>(batch.stream().map(Entry::event).toList());
    if (missing > 0) {
      events.add(
          AuditEvent.of(clock.instant(), Kind.SERVER, "lost", Result.DONE)
              .with(Map.of("events", Long.toString(missing))));
    }
    return events;
  }

  private static void succeeded(Entry entry) {
    CompletableFuture<Boolean> told = entry.told();
    if (told != null) {
      told.complete(true);
    }
  }

  /** What must be written stays, without those who waited for it. */
  private void failed(Entry entry, Exception cause) {
    CompletableFuture<Boolean> told = entry.told();
    if (told != null) {
      told.completeExceptionally(cause);
    }
    if (entry.must()) {
      kept.add(told == null ? entry : new Entry(entry.event(), null, true));
    } else {
      length.decrementAndGet();
    }
  }

  private void complain(Exception e) {
    String says = String.valueOf(e);
    if (!says.equals(complaint)) {
      log.error("the audit cannot be recorded, changes are refused: {}", says);
      complaint = says;
    }
  }

  /** Writes what is waiting, and ends. */
  @Override
  public void close() throws IOException {
    closing = true;
    LockSupport.unpark(thread);
    try {
      thread.join(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    file.close();
  }
}
