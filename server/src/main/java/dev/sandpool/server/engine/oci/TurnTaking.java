package dev.sandpool.server.engine.oci;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.image.KeyedLocks;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * One work at a time for a sandbox, and none for any while all are looked at. Callers promise the
 * former; but work on a folder in which another call has meanwhile let a guest run would be work of
 * root on paths that the guest can turn elsewhere.
 */
final class TurnTaking {
  private final KeyedLocks sandboxes = new KeyedLocks();
  private final ReadWriteLock all = new ReentrantReadWriteLock();

  /** Held until closed. */
  interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  /** Waits for the turn of that sandbox. */
  Turn of(SandboxId sandbox) throws InterruptedException {
    KeyedLocks.Held one = sandboxes.acquire(sandbox.value());
    Lock shared = all.readLock();
    shared.lock();
    return () -> {
      shared.unlock();
      one.close();
    };
  }

  /** Waits until no sandbox is worked on. */
  Turn ofAll() {
    Lock whole = all.writeLock();
    whole.lock();
    return whole::unlock;
  }
}
