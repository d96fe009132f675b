package dev.sandpool.server.session;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.ClaimResult;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.LedgerUnavailableException;
import dev.sandpool.server.ledger.PoolRecord;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All sessions of this server: who holds which sandbox.
 *
 * <p>The ledger decides, this remembers: a known session is found without asking anybody, an
 * unknown one by one claim. All methods but {@link #find} may block and are called from virtual
 * threads.
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
  private final UpstreamFactory<U> upstreams;
  private final Time time;
  private final int queueBound;

  private final ConcurrentHashMap<SessionKey, SessionEntry<U>> byKey = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<SandboxId, SessionEntry<U>> bySandbox = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<SessionKey, SingleFlight> allocating = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<PoolId, PoolQueue> queues = new ConcurrentHashMap<>();

  /** Shared from a claim until it is remembered; see {@link #afterClaims}. */
  private final ReentrantReadWriteLock claims = new ReentrantReadWriteLock();

  private volatile long activityNotedNanos;

  /**
   * @param queueBound how many requests may wait for a ready sandbox in each pool
   */
  public Sessions(
      Ledger ledger, Sandboxes sandboxes, UpstreamFactory<U> upstreams, Time time, int queueBound) {
    this.ledger = ledger;
    this.sandboxes = sandboxes;
    this.upstreams = upstreams;
    this.time = time;
    this.queueBound = queueBound;
    this.activityNotedNanos = time.nanos();
  }

  /** Takes up the sessions of an earlier server. Before the ports are opened. */
  public void adopt(Collection<SandboxRecord> records) {
    for (SandboxRecord record : records) {
      if (record.state() == SandboxState.ALLOCATED && record.session() != null) {
        ledger.pool(record.pool()).ifPresent(pool -> remember(record, pool.cooldown()));
      }
    }
  }

  /** The session of that key, if it is known and open. Never blocks. */
  public @Nullable SessionEntry<U> find(SessionKey key) {
    SessionEntry<U> entry = byKey.get(key);
    return entry == null || entry.closing() ? null : entry;
  }

  /**
   * The session of that key, allocated if there is none; waits in line when nothing is ready.
   *
   * @param atMost how long to wait for a sandbox
   * @throws LedgerUnavailableException if no claim can be recorded now
   */
  public Allocation<U> allocate(SessionKey key, Duration atMost) throws InterruptedException {
    long begin = time.nanos();
    var wait = new Deadline(begin + atMost.toNanos());
    while (true) {
      SessionEntry<U> known = byKey.get(key);
      if (known != null && !known.closing()) {
        return new Allocation.Held<>(known, false, time.nanos() - begin);
      }
      if (known != null && !known.awaitEnd(wait.left())) {
        return new Allocation.NoneReady<>("the earlier session of this identifier is still ending");
      }
      var mine = new SingleFlight();
      SingleFlight other = allocating.putIfAbsent(key, mine);
      if (other != null) {
        if (!other.await(wait.left())) {
          return new Allocation.NoneReady<>(sandboxes.whyNoneReady(key.pool()));
        }
        continue;
      }
      Allocation<U> result;
      try {
        result = claimInLine(key, begin, wait);
      } finally {
        allocating.remove(key, mine);
        mine.done();
      }
      if (result != null) {
        return result;
      }
    }
  }

  /** Null when the caller is to look again: somebody else holds or has held the key. */
  private @Nullable Allocation<U> claimInLine(SessionKey key, long begin, Deadline wait)
      throws InterruptedException {
    PoolQueue queue = queues.computeIfAbsent(key.pool(), pool -> new PoolQueue(queueBound));
    if (queue.size() == 0) {
      ClaimResult result = claim(key);
      if (!(result instanceof ClaimResult.NoneReady)) {
        return settle(key, result, begin, wait);
      }
    }
    PoolQueue.Ticket place = queue.join();
    sandboxes.replenish(key.pool());
    if (place == null) {
      return new Allocation.NoneReady<>(
          queueBound + " requests wait already; " + sandboxes.whyNoneReady(key.pool()));
    }
    try (place) {
      while (place.awaitTurn(wait.left())) {
        ClaimResult result = claim(key);
        if (!(result instanceof ClaimResult.NoneReady)) {
          return settle(key, result, begin, wait);
        }
      }
    }
    return new Allocation.NoneReady<>(sandboxes.whyNoneReady(key.pool()));
  }

  /** What is claimed is remembered before anybody can be told of its end. */
  private ClaimResult claim(SessionKey key) {
    claims.readLock().lock();
    try {
      if (sandboxes.claimsHeld()) {
        return new ClaimResult.NoneReady();
      }
      ClaimResult result = ledger.claim(key, time.now());
      if (result instanceof ClaimResult.Claimed claimed) {
        remember(claimed.sandbox(), claimed.cooldown());
      }
      return result;
    } finally {
      claims.readLock().unlock();
    }
  }

  private @Nullable Allocation<U> settle(
      SessionKey key, ClaimResult result, long begin, Deadline wait) throws InterruptedException {
    return switch (result) {
      case ClaimResult.Claimed claimed -> claimed(claimed, begin);
      case ClaimResult.AlreadyHeld held -> {
        awaitHolder(held.sandbox(), wait);
        yield wait.left() > 0
            ? null
            : new Allocation.NoneReady<>("the earlier session of this identifier is still ending");
      }
      case ClaimResult.Full full -> new Allocation.Full<>(full.maxSessions());
      case ClaimResult.NoPool ignored -> new Allocation.NoPool<>();
      case ClaimResult.NoneReady ignored ->
          throw new IllegalStateException("NoneReady of " + key + " is not settled here");
    };
  }

  private @Nullable Allocation<U> claimed(ClaimResult.Claimed claimed, long begin) {
    SessionEntry<U> entry = bySandbox.get(claimed.sandbox().id());
    long took = time.nanos() - begin;
    sandboxes.replenish(claimed.sandbox().pool());
    if (entry == null) {
      return null; // Ended already: the key is free, and may be claimed anew.
    }
    return new Allocation.Held<>(entry, true, took);
  }

  /** The ledger knows a holder that memory does not show open: take it up, or wait for its end. */
  private void awaitHolder(SandboxRecord holder, Deadline wait) throws InterruptedException {
    SessionEntry<U> entry = bySandbox.get(holder.id());
    if (entry != null) {
      if (entry.closing()) {
        entry.awaitEnd(wait.left());
      }
      return;
    }
    if (holder.state() == SandboxState.ALLOCATED) {
      log.warn("sandbox {} is held by a session that was not in memory", holder.id());
      Duration cooldown =
          ledger.pool(holder.pool()).map(PoolRecord::cooldown).orElse(Duration.ZERO);
      remember(holder, cooldown);
    } else {
      sandboxes.destroy(holder.id(), "ending", Duration.ofNanos(Math.max(0, wait.left())));
    }
  }

  private SessionEntry<U> remember(SandboxRecord sandbox, Duration cooldown) {
    SessionKey key = sandbox.session();
    String address = sandbox.address();
    if (key == null || address == null) {
      throw new IllegalStateException("sandbox " + sandbox.id() + " is not allocated");
    }
    Instant since = sandbox.allocatedAt() == null ? time.now() : sandbox.allocatedAt();
    U upstream = upstreams.create(sandbox.id(), address, sandbox.targetPort());
    var entry = new SessionEntry<>(key, sandbox.id(), since, cooldown, upstream, time.nanos());
    bySandbox.put(sandbox.id(), entry);
    byKey.put(key, entry);
    return entry;
  }

  /**
   * Ends a session whatever it does, and returns when its sandbox is gone.
   *
   * @return false if there is no such session
   * @throws LedgerUnavailableException if the end cannot be recorded now; the session goes on
   */
  public boolean stop(SessionKey key, String reason) throws InterruptedException {
    SessionEntry<U> entry = byKey.get(key);
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
    entry.upstream().close();
    sandboxes.destroy(entry.sandbox(), reason, Duration.ZERO);
  }

  /**
   * Ends the sessions that have been idle for their cooldown; does not wait for their sandboxes.
   *
   * @return how many
   */
  public int reap() {
    long now = time.nanos();
    int reaped = 0;
    for (SessionEntry<U> entry : byKey.values()) {
      if (!entry.closeIfIdle(now)) {
        continue;
      }
      try {
        ledger.markStopping(entry.sandbox(), "idle for its cooldown", time.now());
      } catch (LedgerUnavailableException e) {
        entry.reopen();
        log.warn("sessions are not reaped while the ledger cannot be written: {}", e.getMessage());
        return reaped;
      }
      entry.upstream().close();
      sandboxes.destroy(entry.sandbox(), "idle for its cooldown", Duration.ZERO);
      reaped++;
    }
    return reaped;
  }

  /** Writes down when sessions were last active, in one batch. */
  public void noteActivity() {
    long now = time.nanos();
    Instant wall = time.now();
    Map<SandboxId, Instant> active = new HashMap<>();
    for (SessionEntry<U> entry : byKey.values()) {
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
    PoolQueue queue = queues.get(pool);
    if (queue != null) {
      queue.wake();
    }
  }

  /** The pool is no more, and nobody waits for it. */
  void forget(PoolId pool) {
    queues.remove(pool);
  }

  /** How many requests wait for a ready sandbox of the pool. */
  public int waiting(PoolId pool) {
    PoolQueue queue = queues.get(pool);
    return queue == null ? 0 : queue.size();
  }

  /** A sandbox is ending, whoever ends it: nothing more is forwarded to it. */
  public void sandboxEnding(SandboxId sandbox) {
    SessionEntry<U> entry = bySandbox.get(sandbox);
    if (entry == null) {
      entry = afterClaims(sandbox);
    }
    if (entry != null && entry.close()) {
      entry.upstream().close();
    }
  }

  /**
   * The entry of a sandbox when every claim under way is remembered. A sandbox may be claimed and
   * end before its claimant has heard so; an entry that came after the end would never be taken
   * out, and its requests would in time reach another session's sandbox at the same address (G3).
   */
  private @Nullable SessionEntry<U> afterClaims(SandboxId sandbox) {
    claims.writeLock().lock();
    try {
      return bySandbox.get(sandbox);
    } finally {
      claims.writeLock().unlock();
    }
  }

  /** Nothing of a sandbox is left: its identifier is free again. */
  public void sandboxGone(SandboxId sandbox) {
    SessionEntry<U> entry = bySandbox.remove(sandbox);
    if (entry != null) {
      entry.close();
      entry.upstream().close();
      byKey.remove(entry.key(), entry);
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
    return byKey.values().stream()
        .filter(entry -> entry.key().pool().equals(pool) && !entry.closing())
        .map(entry -> entry.view(nanos, now))
        .sorted(Comparator.comparing(SessionView::createdAt).thenComparing(SessionView::sandbox))
        .toList();
  }

  /** The moment up to which a caller waits. */
  private final class Deadline {
    private final long at;

    Deadline(long at) {
      this.at = at;
    }

    long left() {
      return Math.max(0, at - time.nanos());
    }
  }
}
