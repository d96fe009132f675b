package dev.sandpool.server.session;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.SessionKey;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * One session in memory: its sandbox, and one atomic word that says whether it is open and how many
 * requests are in flight.
 *
 * <p>Forwarding adds one if open. Reaping closes only if none is in flight, stopping always; both
 * within the same word, so that no request slips in between the look and the act. What is closing
 * never opens again, but for a reaper that could not record its step.
 */
public final class SessionEntry<U extends Upstream> {
  private static final int CLOSING = 1 << 31;

  @SuppressWarnings("rawtypes")
  private static final AtomicIntegerFieldUpdater<SessionEntry> UPGRADED =
      AtomicIntegerFieldUpdater.newUpdater(SessionEntry.class, "upgraded");

  @SuppressWarnings("rawtypes")
  private static final AtomicIntegerFieldUpdater<SessionEntry> QUIET =
      AtomicIntegerFieldUpdater.newUpdater(SessionEntry.class, "quiet");

  private final SessionKey key;
  private final SandboxId sandbox;
  private final Instant createdAt;
  private final SessionLife life;
  private final U upstream;
  private final AtomicInteger word = new AtomicInteger();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile long lastActiveNanos;
  private volatile int upgraded;
  private volatile int quiet;

  SessionEntry(
      SessionKey key,
      SandboxId sandbox,
      Instant createdAt,
      SessionLife life,
      U upstream,
      long nowNanos) {
    this.key = key;
    this.sandbox = sandbox;
    this.createdAt = createdAt;
    this.life = life;
    this.upstream = upstream;
    this.lastActiveNanos = nowNanos;
  }

  /** Counts a request in, if the session is open. Who got true calls {@link #leave} once. */
  public boolean enter(long nowNanos) {
    int seen = word.get();
    while (seen >= 0) {
      if (word.compareAndSet(seen, seen + 1)) {
        lastActiveNanos = nowNanos;
        return true;
      }
      seen = word.get();
    }
    return false;
  }

  /** Counts a request out. */
  public void leave(long nowNanos) {
    lastActiveNanos = nowNanos;
    word.decrementAndGet();
  }

  /** Counts out a request that has stood still: its end is no use of the session. */
  public void leaveUnmoved() {
    word.decrementAndGet();
  }

  /** A request that was counted in goes on as an upgraded connection. */
  public void upgraded() {
    UPGRADED.incrementAndGet(this);
  }

  /** An upgraded connection has said nothing for long: it keeps the session no more. */
  public void quiet() {
    QUIET.incrementAndGet(this);
    leaveUnmoved();
  }

  /** Such a connection has been counted in again. */
  public void countsAgain() {
    QUIET.decrementAndGet(this);
  }

  /**
   * An upgraded connection is over.
   *
   * @param wasQuiet whether it was {@link #quiet}; another one has yet to {@link #leave}
   */
  public void downgraded(boolean wasQuiet) {
    UPGRADED.decrementAndGet(this);
    if (wasQuiet) {
      QUIET.decrementAndGet(this);
    }
  }

  /** Notes that bytes have moved. */
  public void touch(long nowNanos) {
    lastActiveNanos = nowNanos;
  }

  /**
   * Closes if its time is up, by idleness only if nothing is in flight; answers whether this call
   * did.
   */
  boolean closeIfOver(long nowNanos) {
    if (life.aliveOver(nowNanos)) {
      return close();
    }
    return word.get() == 0
        && life.idleOver(lastActiveNanos, nowNanos)
        && word.compareAndSet(0, CLOSING);
  }

  /** How long it lives on if nothing more is asked of it; less than nothing if it is over. */
  long endsInNanos(long nowNanos) {
    return life.endsInNanos(inFlight() > 0 ? nowNanos : lastActiveNanos, nowNanos);
  }

  /** How long it has been allocated. */
  Duration age(long nowNanos) {
    return life.age(nowNanos);
  }

  /** Whether its container may end by itself without that being a fault. */
  boolean mayExit() {
    return life.mayExit();
  }

  /** Why {@link #closeIfOver} closes. */
  String whyOver() {
    return life.reason();
  }

  /** Takes {@link #closeIfOver} back: the end could not be recorded, so it must not happen. */
  void reopen() {
    word.getAndUpdate(seen -> seen & ~CLOSING);
  }

  /** Closes whatever is in flight; answers whether this call did. */
  boolean close() {
    return (word.getAndUpdate(seen -> seen | CLOSING) & CLOSING) == 0;
  }

  /** Whether it has begun to end. */
  public boolean closing() {
    return word.get() < 0;
  }

  /** Requests that are being forwarded, upgraded connections included. */
  public int inFlight() {
    return word.get() & ~CLOSING;
  }

  void markEnded() {
    ended.countDown();
  }

  /** Waits until the sandbox is gone; false when time is up first. */
  boolean awaitEnd(long atMostNanos) throws InterruptedException {
    return ended.await(atMostNanos, TimeUnit.NANOSECONDS);
  }

  /** Who it belongs to. */
  public SessionKey key() {
    return key;
  }

  /** Where its requests go. */
  public SandboxId sandbox() {
    return sandbox;
  }

  /** The gateway's connections to the sandbox. */
  public U upstream() {
    return upstream;
  }

  long lastActiveNanos() {
    return lastActiveNanos;
  }

  /** What a caller may know of it. */
  public SessionView view(long nowNanos, Instant now) {
    long idleNanos = inFlight() > 0 ? 0 : Math.max(0, nowNanos - lastActiveNanos);
    Instant lastAccessed = now.minusNanos(idleNanos);
    return new SessionView(
        key.identifier(),
        sandbox,
        createdAt,
        lastAccessed,
        life.expiresAt(createdAt, lastAccessed),
        use(idleNanos));
  }

  private SessionView.Use use(long idleNanos) {
    int upgrades = upgraded;
    int quietOnes = Math.min(quiet, upgrades);
    int requests = Math.max(0, inFlight() - (upgrades - quietOnes));
    return new SessionView.Use(
        requests, upgrades, life.aliveBecause(requests, upgrades, quietOnes, idleNanos));
  }

  @Override
  public String toString() {
    return "SessionEntry[" + key.pool() + " " + sandbox + "]";
  }
}
