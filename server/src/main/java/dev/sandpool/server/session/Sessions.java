package dev.sandpool.server.session;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.LedgerUnavailableException;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.time.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All sessions of this server: who holds which sandbox.
 *
 * <p>The ledger decides, this remembers: a known session is found without asking anybody, an
 * unknown one by one claim. All methods but {@link #find} and {@link #allocate(SessionKey,
 * Applicant)} may block and are called from virtual threads.
 *
 * <p>Concurrency: an entry is put in only by the one allocation under way for its key, and taken
 * out only when its sandbox is gone. So whoever finds a closing entry waits for its end and claims
 * anew, and two sandboxes of one key never live at once (G2).
 *
 * @param <U> what the gateway keeps for a sandbox
 */
public final class Sessions<U extends Upstream> {
  private static final Logger log = LoggerFactory.getLogger(Sessions.class);

  /** How long {@link #stop} waits for the last process before it reports failure. */
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);

  private final Ledger ledger;
  private final Sandboxes sandboxes;
  private final Time time;
  private final SessionTable<U> table;
  private final Allocator<U> allocator;
  private final CrashLoops crashes;
  private final Vacancies vacancies;
  private final SessionEnds ends;
  private final Duration endIsKnown;
  private volatile long activityNotedNanos;

  /** Nothing is known before {@link #adopt}. */
  public Sessions(
      Ledger ledger,
      Sandboxes sandboxes,
      UpstreamFactory<U> upstreams,
      Time time,
      AllocationSettings settings) {
    this(ledger, sandboxes, upstreams, time, settings, (key, sandbox, reason) -> {});
  }

  /**
   * The same with somebody who wants to know of ends.
   *
   * @param ends told of each end of a session
   */
  public Sessions(
      Ledger ledger,
      Sandboxes sandboxes,
      UpstreamFactory<U> upstreams,
      Time time,
      AllocationSettings settings,
      SessionEnds ends) {
    this.ends = ends;
    this.ledger = ledger;
    this.sandboxes = sandboxes;
    this.time = time;
    this.table = new SessionTable<>(upstreams, time);
    this.allocator = new Allocator<>(ledger, sandboxes, table, time, settings.queueBound());
    this.crashes = new CrashLoops(settings.longestCrashPause());
    this.vacancies = new Vacancies(table, time);
    this.endIsKnown = settings.endIsKnown();
    this.activityNotedNanos = time.nanos();
  }

  /** Takes up the sessions of an earlier server. Before the ports are opened. */
  public void adopt(Collection<SandboxRecord> records) {
    for (SandboxRecord record : records) {
      if (record.state() == SandboxState.ALLOCATED && record.session() != null) {
        ledger.pool(record.pool()).ifPresent(pool -> table.remember(record, pool.lifecycle()));
      }
    }
  }

  /** The session of that key, if it is known and open. Never blocks. */
  public @Nullable SessionEntry<U> find(SessionKey key) {
    SessionEntry<U> entry = table.of(key);
    return entry == null || entry.closing() ? null : entry;
  }

  /**
   * The session of that key, allocated if there is none; waits in line when nothing is ready.
   *
   * @param atMost how long to wait for a sandbox
   * @throws LedgerUnavailableException if no claim can be recorded now
   */
  public Allocation<U> allocate(SessionKey key, Duration atMost) throws InterruptedException {
    return allocate(key, atMost, new Presence());
  }

  /**
   * The same for somebody who may leave meanwhile.
   *
   * @throws LedgerUnavailableException if no claim can be recorded now
   */
  public Allocation<U> allocate(SessionKey key, Duration atMost, Presence caller)
      throws InterruptedException {
    return allocator.allocate(key, atMost, caller);
  }

  /** Asks for the session of that key where that needs no waiting in line. Never blocks. */
  public void allocate(SessionKey key, Applicant<U> applicant) {
    allocator.allocate(key, applicant);
  }

  /** Whether a sandbox is being sought for that key, so that one more asks for no other. */
  public boolean isUnderWay(SessionKey key) {
    return allocator.isUnderWay(key);
  }

  /**
   * How many nanoseconds that key has to wait for its next sandbox because the last ones ended by
   * themselves soon after they were allocated; 0 for none.
   */
  public long crashPause(SessionKey key) {
    return crashes.pause(key, time.nanos());
  }

  /** When a full pool has room again at the latest if no session of it is used. May take long. */
  public Duration vacancy(PoolId pool) {
    return vacancies.next(pool);
  }

  /** How long nothing more becomes ready in a pool whose sandboxes keep failing. */
  public Duration readyPause(PoolId pool) {
    return sandboxes.readyPause(pool);
  }

  /**
   * Ends a session whatever it does, and returns when its sandbox is gone.
   *
   * @return false if there is no such session
   * @throws LedgerUnavailableException if the end cannot be recorded now; the session goes on
   */
  public boolean stop(SessionKey key, String reason) throws InterruptedException {
    SessionEntry<U> entry = table.of(key);
    if (entry == null) {
      return false;
    }
    end(entry, reason);
    if (!entry.awaitEnd(STOP_PATIENCE.toNanos())) {
      throw new IllegalStateException(
          "sandbox " + entry.sandbox() + " still has a living process after " + STOP_PATIENCE);
    }
    return true;
  }

  /**
   * Waits until the sandbox of a session is gone, or would be known to end if it had ended by now.
   */
  public void awaitEnd(SessionEntry<U> session) throws InterruptedException {
    session.awaitEnd(endIsKnown.toNanos());
  }

  /** Ends a session whose sandbox cannot serve, so that the caller can be given another. */
  public void retire(SessionEntry<U> entry, String reason) throws InterruptedException {
    end(entry, reason);
    entry.awaitEnd(STOP_PATIENCE.toNanos());
  }

  private void end(SessionEntry<U> entry, String reason) {
    if (!entry.close()) {
      return;
    }
    try {
      ledger.markStopping(entry.sandbox(), reason, time.now());
    } catch (LedgerUnavailableException e) {
      entry.reopen();
      throw e;
    }
    ends.ended(entry.key(), entry.sandbox(), reason);
    entry.upstream().close();
    sandboxes.destroy(entry.sandbox(), reason, Duration.ZERO);
  }

  /**
   * Ends the sessions whose time is up by their lifecycle; does not wait for their sandboxes.
   *
   * @return how many
   */
  public int reap() {
    long now = time.nanos();
    int reaped = 0;
    for (SessionEntry<U> entry : table.all()) {
      if (!entry.closeIfOver(now)) {
        continue;
      }
      String reason = entry.whyOver();
      try {
        ledger.markStopping(entry.sandbox(), reason, time.now());
      } catch (LedgerUnavailableException e) {
        entry.reopen();
        log.warn("sessions are not reaped while the ledger cannot be written: {}", e.getMessage());
        return reaped;
      }
      ends.ended(entry.key(), entry.sandbox(), reason);
      entry.upstream().close();
      sandboxes.destroy(entry.sandbox(), reason, Duration.ZERO);
      reaped++;
    }
    return reaped;
  }

  /** Writes down when sessions were last active, in one batch. */
  public void noteActivity() {
    long now = time.nanos();
    Instant wall = time.now();
    Map<SandboxId, Instant> active = new HashMap<>();
    for (SessionEntry<U> entry : table.all()) {
      if (entry.lastActiveNanos() - activityNotedNanos > 0 || entry.inFlight() > 0) {
        long idle = entry.inFlight() > 0 ? 0 : now - entry.lastActiveNanos();
        active.put(entry.sandbox(), wall.minusNanos(idle));
      }
    }
    if (!active.isEmpty()) {
      ledger.noteActivity(active);
    }
    activityNotedNanos = now;
  }

  /** A sandbox became ready, or room was made: who waits in the pool looks again. */
  public void poolChanged(PoolId pool) {
    allocator.poolChanged(pool);
  }

  /** The pool is no more, and nobody waits for it. */
  void forget(PoolId pool) {
    allocator.forget(pool);
    vacancies.forget(pool);
    table.forget(pool);
  }

  /** How many requests wait for a ready sandbox of the pool. */
  public int waiting(PoolId pool) {
    return allocator.waiting(pool);
  }

  /** A sandbox is ending, whoever ends it: nothing more is forwarded to it. */
  public void sandboxEnding(SandboxId sandbox) {
    SessionEntry<U> entry = table.of(sandbox);
    if (entry != null && entry.close()) {
      endedByItself(entry);
      entry.upstream().close();
    }
  }

  /** Everybody who ends a session closes its entry before they let its sandbox end. */
  private void endedByItself(SessionEntry<U> entry) {
    ends.ended(entry.key(), entry.sandbox(), "its sandbox ended");
    if (!entry.mayExit()) {
      long now = time.nanos();
      crashes.ended(entry.key(), entry.age(now), now);
    }
  }

  /** Nothing of a sandbox is left: its identifier is free again. */
  public void sandboxGone(SandboxId sandbox) {
    SessionEntry<U> entry = table.of(sandbox);
    if (entry != null) {
      if (entry.close()) {
        endedByItself(entry);
      }
      entry.upstream().close();
      table.forget(entry);
      entry.markEnded();
      poolChanged(entry.key().pool());
    }
  }

  /** The session of that key as its caller may see it. */
  public Optional<SessionView> view(SessionKey key) {
    return Optional.ofNullable(find(key)).map(entry -> entry.view(time.nanos(), time.now()));
  }

  /** The sessions of a pool, oldest first. */
  public List<SessionView> list(PoolId pool) {
    long nanos = time.nanos();
    Instant now = time.now();
    return table.all().stream()
        .filter(entry -> entry.key().pool().equals(pool) && !entry.closing())
        .map(entry -> entry.view(nanos, now))
        .sorted(Comparator.comparing(SessionView::createdAt).thenComparing(SessionView::sandbox))
        .toList();
  }
}
