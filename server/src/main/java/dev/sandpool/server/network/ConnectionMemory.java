package dev.sandpool.server.network;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the kernel forget the connections of slots that are gone, in batches: many sandboxes that
 * end together cost one look at its table.
 */
final class ConnectionMemory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionMemory.class);

  /** Comes last. */
  private static final String CLOSE = "";

  private final Duration gather;
  private final BlockingQueue<String> gone = new LinkedBlockingQueue<>();
  private final Thread thread;

  ConnectionMemory(Duration gather) {
    this.gather = gather;
    this.thread = Thread.ofVirtual().name("forget-connections").start(this::work);
  }

  /**
   * Forgets soon what came from that address and went to it. It belongs to nobody meanwhile: a
   * connection that is forgotten while it is used stands still for ever.
   */
  void forget(String guestAddress) {
    gone.add(guestAddress);
  }

  private void work() {
    Set<String> addresses = new HashSet<>();
    boolean open = true;
    while (open) {
      open = gather(addresses);
      if (flush(addresses)) {
        addresses.clear();
      }
    }
  }

  /** Fills in what is to be forgotten within one gathering; false when it is the last. */
  private boolean gather(Set<String> addresses) {
    try {
      String next = gone.take();
      long until = System.nanoTime() + gather.toNanos();
      while (next != null) {
        if (next.equals(CLOSE)) {
          return false;
        }
        addresses.add(next);
        next = gone.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
      }
      return true;
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
  }

  /** False where it is to be tried again with the next ones. */
  private static boolean flush(Set<String> addresses) {
    if (addresses.isEmpty()) {
      return true;
    }
    try (var table = ConnectionTable.open()) {
      table.forget(
          connection ->
              addresses.contains(connection.source())
                  || addresses.contains(connection.destination()));
      return true;
    } catch (IOException | RuntimeException e) {
      LOG.warn("connections of stopped sandboxes are not forgotten yet", e);
      return false;
    }
  }

  /** Forgets at once what is waiting. */
  @Override
  public void close() {
    gone.add(CLOSE);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
