package dev.sandpool.server.session;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The line of those who wait for a ready sandbox of one pool, first come, first served.
 *
 * <p>Only the head may claim. It is woken when something of the pool has changed and hands on to
 * the next when it leaves, so one wake is enough however many sandboxes became ready.
 */
final class PoolQueue {
  private final int bound;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Ticket> line = new ArrayDeque<>();

  /**
   * @param bound how many may wait, at least 1
   */
  PoolQueue(int bound) {
    this.bound = bound;
  }

  /** How many wait; a newcomer who claims while somebody does would jump the line. */
  int size() {
    lock.lock();
    try {
      return line.size();
    } finally {
      lock.unlock();
    }
  }

  /** A place at the end of the line, or null if the line is full. */
  @org.jspecify.annotations.Nullable
  Ticket join() {
    lock.lock();
    try {
      if (line.size() >= bound) {
        return null;
      }
      var ticket = new Ticket(lock.newCondition());
      line.add(ticket);
      return ticket;
    } finally {
      lock.unlock();
    }
  }

  /** Something may be ready: the head looks again. */
  void wake() {
    lock.lock();
    try {
      wakeHead();
    } finally {
      lock.unlock();
    }
  }

  private void wakeHead() {
    Ticket head = line.peek();
    if (head != null) {
      head.woken = true;
      head.changed.signal();
    }
  }

  /** A place in the line. */
  final class Ticket implements AutoCloseable {
    private final Condition changed;
    private boolean woken;

    private Ticket(Condition changed) {
      this.changed = changed;
      this.woken = line.isEmpty();
    }

    /** Who has this place may have left: it looks. */
    void look() {
      lock.lock();
      try {
        changed.signal();
      } finally {
        lock.unlock();
      }
    }

    /**
     * Waits until this is the head and something may be ready.
     *
     * @param who has this place now
     * @return false when time is up first, or who waits has left
     */
    boolean awaitTurn(long atMostNanos, Presence who) throws InterruptedException {
      lock.lock();
      try {
        long rest = atMostNanos;
        while (!who.gone() && !(woken && line.peek() == this)) {
          if (rest <= 0) {
            return false;
          }
          rest = changed.awaitNanos(rest);
        }
        if (who.gone()) {
          return false; // Still woken, for whoever has the place next.
        }
        woken = false;
        return true;
      } finally {
        lock.unlock();
      }
    }

    /** Leaves the line; the next one looks. */
    @Override
    public void close() {
      lock.lock();
      try {
        line.remove(this);
        wakeHead();
      } finally {
        lock.unlock();
      }
    }
  }
}
