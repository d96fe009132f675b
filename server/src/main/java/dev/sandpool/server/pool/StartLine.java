package dev.sandpool.server.pool;

import dev.sandpool.model.PoolId;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Which sandbox starts next, of all pools. Pools take turns, so that many starts of one do not hold
 * up the first of another; those with callers in line come before those that only refill, and fewer
 * refills go on at once: a start keeps a processor busy that running sessions would use.
 */
final class StartLine {
  private final int width;
  private final int refillWidth;
  private final ToIntFunction<PoolId> waiting;
  private final ReentrantLock lock = new ReentrantLock();

  /** In the order of their turns; those without a start in line are not in it. */
  private final Map<PoolId, ArrayDeque<Place>> pools = new LinkedHashMap<>();

  private int running;
  private int refilling;

  /**
   * @param width how many start at once, at least 1
   * @param refillWidth how many of them for which nobody waits, at least 1
   * @param waiting how many callers wait for a sandbox of a pool; must not block
   */
  StartLine(int width, int refillWidth, ToIntFunction<PoolId> waiting) {
    this.width = width;
    this.refillWidth = refillWidth;
    this.waiting = waiting;
  }

  /** A start in line, or one that has its turn. */
  final class Place implements AutoCloseable {
    private final Condition granted;
    private boolean turn;
    private boolean refill;

    private Place(Condition granted) {
      this.granted = granted;
    }

    /** The start is over, the next may begin. */
    @Override
    public void close() {
      lock.lock();
      try {
        running--;
        refilling -= refill ? 1 : 0;
        grant();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Waits for a turn; to be closed when the start is over. */
  Place await(PoolId pool) throws InterruptedException {
    lock.lock();
    try {
      var place = new Place(lock.newCondition());
      pools.computeIfAbsent(pool, first -> new ArrayDeque<>()).add(place);
      grant();
      try {
        while (!place.turn) {
          place.granted.await();
        }
      } catch (InterruptedException e) {
        withdraw(pool, place);
        throw e;
      }
      return place;
    } finally {
      lock.unlock();
    }
  }

  private void withdraw(PoolId pool, Place place) {
    if (place.turn) {
      place.close();
      return;
    }
    ArrayDeque<Place> line = pools.get(pool);
    if (line != null && line.remove(place) && line.isEmpty()) {
      pools.remove(pool);
    }
  }

  /** Callers have come or gone: a refill may have become urgent. */
  void look() {
    lock.lock();
    try {
      grant();
    } finally {
      lock.unlock();
    }
  }

  private void grant() {
    while (running < width) {
      PoolId next = next();
      // Taken out and put in again: its next turn comes after that of all others.
      ArrayDeque<Place> line = next == null ? null : pools.remove(next);
      if (next == null || line == null) {
        return;
      }
      Place place = line.remove();
      if (!line.isEmpty()) {
        pools.put(next, line);
      }
      place.refill = waiting.applyAsInt(next) == 0;
      place.turn = true;
      running++;
      refilling += place.refill ? 1 : 0;
      place.granted.signal();
    }
  }

  private @Nullable PoolId next() {
    for (PoolId pool : pools.keySet()) {
      if (waiting.applyAsInt(pool) > 0) {
        return pool;
      }
    }
    return refilling < refillWidth && !pools.isEmpty() ? pools.keySet().iterator().next() : null;
  }
}
