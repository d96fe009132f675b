package dev.sandpool.server.session;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.ledger.AwaitedClaim;
import dev.sandpool.server.ledger.ClaimResult;
import dev.sandpool.server.ledger.Claimant;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.LedgerUnavailableException;
import dev.sandpool.server.ledger.Lifecycle;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.time.Time;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings identifiers to their sandboxes by claims in the ledger.
 *
 * <p>Concurrency: at most one claim is under way for a key; who comes meanwhile waits for it. What
 * is claimed is remembered on the ledger's thread, before the claimant or anybody who ends the
 * sandbox can act on it. An entry that came after the end of its sandbox would never be taken out,
 * and its requests would in time reach another session's sandbox at the same address (G3).
 */
final class Allocator<U extends Upstream> {
  private static final Logger log = LoggerFactory.getLogger(Allocator.class);
  private static final String STILL_ENDING =
      "the earlier session of this identifier is still ending";

  private final Ledger ledger;
  private final Sandboxes sandboxes;
  private final SessionTable<U> table;
  private final Time time;
  private final int queueBound;
  private final ConcurrentHashMap<SessionKey, SingleFlight> allocating = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<PoolId, PoolQueue> queues = new ConcurrentHashMap<>();

  Allocator(Ledger ledger, Sandboxes sandboxes, SessionTable<U> table, Time time, int queueBound) {
    this.ledger = ledger;
    this.sandboxes = sandboxes;
    this.table = table;
    this.time = time;
    this.queueBound = queueBound;
  }

  // --- without waiting -------------------------------------------------------------------------

  /** Whether somebody is bringing that key to its sandbox, or waits for the end of its last. */
  boolean isUnderWay(SessionKey key) {
    return allocating.containsKey(key);
  }

  /** Claims at once where nothing has to be waited for but the ledger. Never blocks. */
  void allocate(SessionKey key, Applicant<U> applicant) {
    SessionEntry<U> known = table.of(key);
    if (known != null && !known.closing()) {
      applicant.settled(Allocation.Held.known(known));
      return;
    }
    var mine = new SingleFlight();
    if (known != null || waiting(key.pool()) > 0 || allocating.putIfAbsent(key, mine) != null) {
      applicant.mustWait();
      return;
    }
    if (sandboxes.claimsHeld()) {
      land(key, mine);
      applicant.mustWait();
      return;
    }
    ledger.claim(key, time.now(), new FirstClaim(key, mine, applicant));
  }

  /** A claim whose applicant is told on the ledger's thread. */
  private final class FirstClaim implements Claimant {
    private final SessionKey key;
    private final SingleFlight flight;
    private final Applicant<U> applicant;
    private final long asked = time.nanos();

    FirstClaim(SessionKey key, SingleFlight flight, Applicant<U> applicant) {
      this.key = key;
      this.flight = flight;
      this.applicant = applicant;
    }

    @Override
    public void decided(ClaimResult result) {
      try {
        remember(result);
      } catch (RuntimeException e) {
        failed(e);
        return;
      }
      land(key, flight);
      switch (result) {
        case ClaimResult.Claimed claimed -> {
          SessionEntry<U> entry = table.of(claimed.sandbox().id());
          if (entry == null) {
            applicant.mustWait();
          } else {
            applicant.settled(new Allocation.Held<>(entry, true, time.nanos() - asked));
          }
          sandboxes.replenish(key.pool());
        }
        case ClaimResult.Full full -> applicant.settled(new Allocation.Full<>(full.maxSessions()));
        case ClaimResult.NoPool ignored -> applicant.settled(new Allocation.NoPool<>());
        case ClaimResult.AlreadyHeld ignored -> applicant.mustWait();
        case ClaimResult.NoneReady ignored -> applicant.mustWait();
      }
    }

    @Override
    public void failed(RuntimeException cause) {
      land(key, flight);
      applicant.failed(cause);
    }
  }

  private void remember(ClaimResult result) {
    if (result instanceof ClaimResult.Claimed claimed) {
      table.remember(claimed.sandbox(), claimed.lifecycle());
    }
  }

  private void land(SessionKey key, SingleFlight flight) {
    allocating.remove(key, flight);
    flight.done();
  }

  // --- waiting ---------------------------------------------------------------------------------

  /**
   * Waits in line when nothing is ready.
   *
   * @throws LedgerUnavailableException if no claim can be recorded now
   */
  Allocation<U> allocate(SessionKey key, Duration atMost, Presence caller)
      throws InterruptedException {
    var wait = new Deadline(time.nanos() + atMost.toNanos());
    while (!caller.gone()) {
      SessionEntry<U> known = table.of(key);
      if (known != null && !known.closing()) {
        return Allocation.Held.known(known);
      }
      if (known != null && !known.awaitEnd(wait.left())) {
        return new Allocation.NoneReady<>(STILL_ENDING);
      }
      var mine = new SingleFlight();
      SingleFlight other = allocating.putIfAbsent(key, mine);
      SingleFlight.Next next = other == null ? SingleFlight.Next.LEAD : other.follow(wait.left());
      if (next == SingleFlight.Next.GIVE_UP) {
        return new Allocation.NoneReady<>(sandboxes.whyNoneReady(key.pool()));
      }
      if (next == SingleFlight.Next.LOOK) {
        continue;
      }
      Allocation<U> result = lead(key, other == null ? mine : other, wait, caller);
      if (result != null) {
        return result;
      }
    }
    return new Allocation.Left<>();
  }

  /** Null when the caller is to look again: somebody else holds or has held the key. */
  private @Nullable Allocation<U> lead(
      SessionKey key, SingleFlight flight, Deadline wait, Presence caller)
      throws InterruptedException {
    PoolQueue.Ticket place = flight.place();
    boolean handedOn = false;
    try {
      if (place == null) {
        PoolQueue queue = queues.computeIfAbsent(key.pool(), pool -> new PoolQueue(queueBound));
        if (queue.size() == 0) {
          long asked = time.nanos();
          ClaimResult result = claim(key);
          if (!(result instanceof ClaimResult.NoneReady)) {
            return settle(key, result, time.nanos() - asked, wait);
          }
        }
        place = queue.join();
        sandboxes.replenish(key.pool());
        if (place == null) {
          return new Allocation.NoneReady<>(
              queueBound + " requests wait already; " + sandboxes.whyNoneReady(key.pool()));
        }
      }
      caller.whenGone(place::look);
      while (place.awaitTurn(wait.left(), caller)) {
        long asked = time.nanos();
        ClaimResult result = claim(key);
        if (!(result instanceof ClaimResult.NoneReady)) {
          long took = time.nanos() - asked;
          place.close(); // Whoever is next need not wait for what is waited for now.
          place = null;
          return settle(key, result, took, wait);
        }
      }
      handedOn = flight.handOn(place);
    } finally {
      if (!handedOn) {
        if (place != null) {
          place.close();
        }
        land(key, flight);
      }
    }
    return caller.gone()
        ? new Allocation.Left<>()
        : new Allocation.NoneReady<>(sandboxes.whyNoneReady(key.pool()));
  }

  private ClaimResult claim(SessionKey key) {
    if (sandboxes.claimsHeld()) {
      return new ClaimResult.NoneReady();
    }
    var claim = new AwaitedClaim(this::remember);
    ledger.claim(key, time.now(), claim);
    return claim.await();
  }

  private @Nullable Allocation<U> settle(
      SessionKey key, ClaimResult result, long claimNanos, Deadline wait)
      throws InterruptedException {
    return switch (result) {
      case ClaimResult.Claimed claimed -> claimed(claimed, claimNanos);
      case ClaimResult.AlreadyHeld held -> {
        awaitHolder(held.sandbox(), wait);
        yield wait.left() > 0 ? null : new Allocation.NoneReady<>(STILL_ENDING);
      }
      case ClaimResult.Full full -> new Allocation.Full<>(full.maxSessions());
      case ClaimResult.NoPool ignored -> new Allocation.NoPool<>();
      case ClaimResult.NoneReady ignored ->
          throw new IllegalStateException("NoneReady of " + key + " is not settled here");
    };
  }

  private @Nullable Allocation<U> claimed(ClaimResult.Claimed claimed, long claimNanos) {
    SessionEntry<U> entry = table.of(claimed.sandbox().id());
    sandboxes.replenish(claimed.sandbox().pool());
    // Null if it has ended already: then the key is free, and may be claimed anew.
    return entry == null ? null : new Allocation.Held<>(entry, true, claimNanos);
  }

  /** The ledger knows a holder that memory does not show open: take it up, or wait for its end. */
  private void awaitHolder(SandboxRecord holder, Deadline wait) throws InterruptedException {
    SessionEntry<U> entry = table.of(holder.id());
    if (entry != null) {
      if (entry.closing()) {
        entry.awaitEnd(wait.left());
      }
      return;
    }
    if (holder.state() == SandboxState.ALLOCATED) {
      log.warn("sandbox {} is held by a session that was not in memory", holder.id());
      Lifecycle lifecycle =
          ledger
              .pool(holder.pool())
              .map(PoolRecord::lifecycle)
              .orElse(new Lifecycle.Timed(Duration.ZERO));
      table.remember(holder, lifecycle);
    } else {
      sandboxes.destroy(holder.id(), "ending", Duration.ofNanos(Math.max(0, wait.left())));
    }
  }

  // --- the line --------------------------------------------------------------------------------

  /** A sandbox became ready, or room was made: who waits in the pool looks again. */
  void poolChanged(PoolId pool) {
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
  int waiting(PoolId pool) {
    PoolQueue queue = queues.get(pool);
    return queue == null ? 0 : queue.size();
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
