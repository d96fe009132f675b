package dev.sandpool.server.image;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** One lock a key, forgotten when nobody holds or awaits it. */
public final class KeyedLocks {
  private static final class Counted {
    private final ReentrantLock lock = new ReentrantLock();
    private int users;
  }

  private final Map<String, Counted> locks = new HashMap<>();

  /** Something that can be let go of. */
  public interface Held extends AutoCloseable {
    @Override
    void close();
  }

  /** Waits for the key, and holds it until closed. */
  public Held acquire(String key) throws InterruptedException {
    Counted counted;
    synchronized (locks) {
      counted = locks.computeIfAbsent(key, _ -> new Counted());
      counted.users++;
    }
    try {
      counted.lock.lockInterruptibly();
    } catch (InterruptedException e) {
      leave(key, counted);
      throw e;
    }
    return () -> {
      counted.lock.unlock();
      leave(key, counted);
    };
  }

  private void leave(String key, Counted counted) {
    synchronized (locks) {
      if (--counted.users == 0) {
        locks.remove(key);
      }
    }
  }
}
