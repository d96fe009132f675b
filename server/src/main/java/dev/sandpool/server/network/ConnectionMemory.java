package dev.sandpool.server.network;

import dev.sandpool.server.linux.Command;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the kernel forget the connections of slots that are gone, in batches a few seconds later:
 * one look at the kernel's table costs 10 ms of processor time, however few entries it has.
 */
final class ConnectionMemory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionMemory.class);

  private static final Pattern ADDRESS = Pattern.compile("(?:src|dst)=([0-9.]+)");

  /** Comes last. */
  private static final String CLOSE = "";

  private final String conntrack;
  private final Duration gather;
  private final BlockingQueue<String> gone = new LinkedBlockingQueue<>();
  private final Thread thread;

  private ConnectionMemory(String conntrack, Duration gather) {
    this.conntrack = conntrack;
    this.gather = gather;
    this.thread = Thread.ofVirtual().name("forget-connections").start(this::work);
  }

  /** Empty where the host lacks the tool; entries then end by their own time-outs. */
  static Optional<ConnectionMemory> open(Duration gather) {
    return Command.find("conntrack")
        .map(Path::toString)
        .map(tool -> new ConnectionMemory(tool, gather));
  }

  void forget(String guestAddress) {
    gone.add(guestAddress);
  }

  private void work() {
    List<String> addresses = new ArrayList<>();
    boolean open = true;
    while (open) {
      open = gather(addresses);
      flush(addresses);
      addresses.clear();
    }
  }

  /** Fills in what is to be forgotten within one gathering; false when it is the last. */
  private boolean gather(List<String> addresses) {
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

  private void flush(List<String> addresses) {
    if (addresses.isEmpty()) {
      return;
    }
    try {
      String table = Command.run(List.of(conntrack, "-L", "-f", "ipv4"), "").output();
      for (String address : remembered(table, addresses)) {
        // It fails where the entry has ended meanwhile.
        Command.run(List.of(conntrack, "-D", "--orig-dst", address), "");
        Command.run(List.of(conntrack, "-D", "--orig-src", address), "");
      }
    } catch (IOException e) {
      LOG.warn("connections of stopped sandboxes are not forgotten: {}", e.getMessage());
    }
  }

  /** Those of the addresses that the table names, which may both be long. */
  static List<String> remembered(String table, List<String> addresses) {
    Set<String> named = new HashSet<>();
    ADDRESS.matcher(table).results().forEach(match -> named.add(match.group(1)));
    return addresses.stream().distinct().filter(named::contains).toList();
  }

  /**
   * Forgets at once what is waiting. An interrupt would end the tool that is just forgetting, and
   * leave the connections.
   */
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
