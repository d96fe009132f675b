package dev.sandpool.server.network;

import dev.sandpool.server.linux.Command;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the kernel forget the connections of slots that are gone, in batches a few seconds later:
 * one look at the kernel's table costs 10 ms of processor time, however few entries it has.
 */
final class ConnectionMemory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionMemory.class);

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
    try {
      while (true) {
        addresses.add(gone.take());
        long until = System.nanoTime() + gather.toNanos();
        while (true) {
          String next = gone.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
          if (next == null) {
            break;
          }
          addresses.add(next);
        }
        flush(addresses);
        addresses.clear();
      }
    } catch (InterruptedException e) {
      gone.drainTo(addresses);
      flush(addresses);
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

  static List<String> remembered(String table, List<String> addresses) {
    return addresses.stream()
        .distinct()
        .filter(
            address ->
                table.contains("src=" + address + " ") || table.contains("dst=" + address + " "))
        .toList();
  }

  /** Forgets at once what is waiting. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
