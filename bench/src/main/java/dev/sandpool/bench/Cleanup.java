package dev.sandpool.bench;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What has to be undone when the run ends, however it ends: closed in reverse by {@code main} or,
 * at Ctrl-C, by the JVM's shutdown.
 */
final class Cleanup implements AutoCloseable {
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private boolean closed;

  /** Takes care of a resource from now on. If the end has come meanwhile, it is closed at once. */
  synchronized <T extends AutoCloseable> T add(T resource) {
    open.push(resource);
    if (closed) {
      closeUntil(0);
      throw new IllegalStateException("the benchmark is ending");
    }
    return resource;
  }

  /** How many resources there are, for {@link #closeUntil}. */
  synchronized int mark() {
    return open.size();
  }

  /** Closes what was added since there were {@code mark}. */
  synchronized void closeUntil(int mark) {
    while (open.size() > mark) {
      AutoCloseable resource = open.pop();
      try {
        resource.close();
      } catch (Exception e) {
        System.err.println("bench: could not clean up " + resource + ": " + e);
      }
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    closeUntil(0);
  }
}
