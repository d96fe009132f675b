package dev.sandpool.server.session;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.SessionKey;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

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

  /**
   * In the word's middle, how often it was entered: it tells whoever looks and then acts that
   * somebody has come and gone in between. Begins anew after the last of its numbers.
   */
  private static final int ONE_ENTRY = 1 << 20;

  private static final int IN_FLIGHT = ONE_ENTRY - 1;
  private static final int ENTRIES = ~(CLOSING | IN_FLIGHT);

  /** Fields instead of objects: there may be a million of these. */
  @SuppressWarnings("rawtypes")
  private static final AtomicIntegerFieldUpdater<SessionEntry> WORD =
      AtomicIntegerFieldUpdater.newUpdater(SessionEntry.class, "word");

  @SuppressWarnings("rawtypes")
  private static final AtomicIntegerFieldUpdater<SessionEntry> UPGRADES =
      AtomicIntegerFieldUpdater.newUpdater(SessionEntry.class, "upgrades");

  /** Upgraded connections are counted in the lower half, the quiet ones of them in the upper. */
  private static final int ONE_QUIET = 1 << 16;

  private static final int UPGRADED_BITS = ONE_QUIET - 1;

  /** Awaited by nobody, and over. */
  private static final CountDownLatch OVER = new CountDownLatch(0);

  private final SessionKey key;
  private final SandboxId sandbox;
  private final SessionLife life;
  private final U upstream;
  private final long createdNanos;
  private final long bornNanos;

  private volatile int word;
  private volatile int upgrades;
  private volatile long lastActiveNanos;

  /** Made when somebody waits for the end; {@link #OVER} afterwards. */
  private @Nullable CountDownLatch ended;

  /**
   * @param createdAt by the wall clock, for display
   * @param age how long it has been allocated, by the wall clock, which only counts where an
   *     earlier server allocated it; less than nothing counts as nothing
   */
  SessionEntry(
      SessionKey key,
      SandboxId sandbox,
      Instant createdAt,
      SessionLife life,
      Duration age,
      U upstream,
      long nowNanos) {
    this.key = key;
    this.sandbox = sandbox;
    this.createdNanos = TimeUnit.SECONDS.toNanos(createdAt.getEpochSecond()) + createdAt.getNano();
    this.life = life;
    this.bornNanos = nowNanos - Math.max(0, age.toNanos());
    this.upstream = upstream;
    this.lastActiveNanos = nowNanos;
  }

  /** Counts a request in, if the session is open. Who got true calls {@link #leave} once. */
  public boolean enter(long nowNanos) {
    int seen = word;
    while (seen >= 0) {
      int entered = ((seen + ONE_ENTRY) & ENTRIES) | ((seen & IN_FLIGHT) + 1);
      if (WORD.compareAndSet(this, seen, entered)) {
        lastActiveNanos = nowNanos;
        return true;
      }
      seen = word;
    }
    return false;
  }

  /** Counts a request out. */
  public void leave(long nowNanos) {
    lastActiveNanos = nowNanos;
    WORD.decrementAndGet(this);
  }

  /** Counts out a request that has stood still: its end is no use of the session. */
  public void leaveUnmoved() {
    WORD.decrementAndGet(this);
  }

  /** A request that was counted in goes on as an upgraded connection. */
  public void upgraded() {
    UPGRADES.incrementAndGet(this);
  }

  /** An upgraded connection has said nothing for long: it keeps the session no more. */
  public void quiet() {
    UPGRADES.addAndGet(this, ONE_QUIET);
    leaveUnmoved();
  }

  /** Such a connection has been counted in again. */
  public void countsAgain() {
    UPGRADES.addAndGet(this, -ONE_QUIET);
  }

  /**
   * An upgraded connection is over.
   *
   * @param wasQuiet whether it was {@link #quiet}; another one has yet to {@link #leave}
   */
  public void downgraded(boolean wasQuiet) {
    UPGRADES.addAndGet(this, wasQuiet ? -1 - ONE_QUIET : -1);
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
    if (life.aliveOver(bornNanos, nowNanos)) {
      return close();
    }
    int idle = lookIdle(nowNanos);
    return idle >= 0 && closeIdle(idle);
  }

  /**
   * The word if it is open, nothing is in flight, and it has been idle for long enough; else -1.
   */
  int lookIdle(long nowNanos) {
    int seen = word;
    boolean idle = (seen & ~ENTRIES) == 0 && life.idleOver(lastActiveNanos, nowNanos);
    return idle ? seen : -1;
  }

  /** Closes if nobody has entered since that look; answers whether this call did. */
  boolean closeIdle(int looked) {
    return WORD.compareAndSet(this, looked, looked | CLOSING);
  }

  /** How long it lives on if nothing more is asked of it; less than nothing if it is over. */
  long endsInNanos(long nowNanos) {
    return life.endsInNanos(bornNanos, inFlight() > 0 ? nowNanos : lastActiveNanos, nowNanos);
  }

  /** How long it has been allocated. */
  Duration age(long nowNanos) {
    return Duration.ofNanos(nowNanos - bornNanos);
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
    WORD.getAndUpdate(this, seen -> seen & ~CLOSING);
  }

  /** Closes whatever is in flight; answers whether this call did. */
  boolean close() {
    return (WORD.getAndUpdate(this, seen -> seen | CLOSING) & CLOSING) == 0;
  }

  /** Whether it has begun to end. */
  public boolean closing() {
    return word < 0;
  }

  /** Requests that are being forwarded, upgraded connections included. */
  public int inFlight() {
    return word & IN_FLIGHT;
  }

  void markEnded() {
    CountDownLatch awaited;
    synchronized (this) {
      awaited = ended;
      ended = OVER;
    }
    if (awaited != null) {
      awaited.countDown();
    }
  }

  /** Waits until the sandbox is gone; false when time is up first. */
  boolean awaitEnd(long atMostNanos) throws InterruptedException {
    CountDownLatch awaited;
    synchronized (this) {
      awaited = ended == null ? new CountDownLatch(1) : ended;
      ended = awaited;
    }
    return awaited.await(atMostNanos, TimeUnit.NANOSECONDS);
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
    Instant createdAt = Instant.EPOCH.plusNanos(createdNanos);
    return new SessionView(
        key.identifier(),
        sandbox,
        createdAt,
        lastAccessed,
        life.expiresAt(createdAt, lastAccessed),
        use(idleNanos));
  }

  private SessionView.Use use(long idleNanos) {
    int counts = upgrades;
    int upgraded = counts & UPGRADED_BITS;
    int quiet = counts / ONE_QUIET;
    int requests = Math.max(0, inFlight() - (upgraded - quiet));
    return new SessionView.Use(
        requests, upgraded, life.aliveBecause(requests, upgraded, quiet, idleNanos));
  }

  @Override
  public String toString() {
    return "SessionEntry[" + key.pool() + " " + sandbox + "]";
  }
}
