package dev.sandpool.server.session;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An allocation under way for one key. One leads it. Those who come for the same key follow: they
 * wait for its end, and one of them leads on when its leader gives up, from the same place in line.
 */
final class SingleFlight {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int following;
  private boolean over;
  private boolean leaderless;
  private PoolQueue.@Nullable Ticket place;

  /** What somebody who followed is to do. */
  enum Next {
    /** It is over: look what came of it. */
    LOOK,
    /** Its leader gave up: lead on. */
    LEAD,
    /** Time was up first. */
    GIVE_UP
  }

  /** Follows it for as long as that. */
  Next follow(long atMostNanos) throws InterruptedException {
    lock.lock();
    following++;
    try {
      long rest = atMostNanos;
      // Whoever it was handed on to takes it, be the time up: it would be nobody's otherwise.
      while (!over && !leaderless && rest > 0) {
        rest = changed.awaitNanos(rest);
      }
      if (leaderless) {
        leaderless = false;
        return Next.LEAD;
      }
      return over ? Next.LOOK : Next.GIVE_UP;
    } catch (InterruptedException e) {
      if (leaderless) {
        leaderless = false;
        Thread.currentThread().interrupt();
        return Next.LEAD;
      }
      throw e;
    } finally {
      following--;
      lock.unlock();
    }
  }

  /** The place in line that its leader has from the one before; null if there is none. */
  PoolQueue.@Nullable Ticket place() {
    lock.lock();
    try {
      return place;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Its leader gives up.
   *
   * @param kept its place in line, for who leads on
   * @return false if nobody follows
   */
  boolean handOn(PoolQueue.Ticket kept) {
    lock.lock();
    try {
      if (following == 0) {
        return false;
      }
      place = kept;
      leaderless = true;
      changed.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Its leader has done with it. */
  void done() {
    lock.lock();
    try {
      over = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
