package dev.sandpool.bench;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Sessions that do harm, and do it again when their sandbox has ended of it. */
final class Offenders implements AutoCloseable {
  private static final Map<String, String> COMMANDS =
      Map.of(
          "fork bomb",
          "bomb() { bomb | bomb & }; bomb; sleep 600",
          "disk filler",
          "while :; do dd if=/dev/zero of=/tmp/fill bs=1M 2>/dev/null; rm -f /tmp/fill; done");

  private static final Map<String, String> PATHS =
      Map.of(
          "memory hog", "/fill-memory?mb=1000000", "log flooder", "/log?lines=1000000000&bytes=1");

  /** More than a sandbox may have by default. */
  private static final int CONNECTIONS = 2000;

  private static final Duration NEVER = Duration.ofMinutes(10);

  private final Map<String, AtomicInteger> attempts = new LinkedHashMap<>();
  private final List<Thread> threads = new ArrayList<>();
  private final List<HttpCall> stops = new ArrayList<>();
  private volatile boolean closed;

  private Offenders() {}

  /** Has their sessions allocated, and the pool warm again, before any of them does harm. */
  static Offenders letLoose(RealServer server) throws IOException, InterruptedException {
    var offenders = new Offenders();
    Map<String, Attempt> attempts = new LinkedHashMap<>();
    for (Map.Entry<String, String> command : COMMANDS.entrySet()) {
      String body = "{\"command\": \"" + command.getValue() + "\"}";
      HttpCall call = server.post("/run", offenders.identifier(server), body);
      attempts.put(command.getKey(), () -> call.send(Duration.ofSeconds(5), NEVER));
    }
    for (Map.Entry<String, String> path : PATHS.entrySet()) {
      HttpCall call = server.request("GET", path.getValue(), offenders.identifier(server));
      attempts.put(path.getKey(), () -> call.send(Duration.ofSeconds(5), NEVER));
    }
    HttpCall slow = server.request("GET", "/sleep?seconds=600", offenders.identifier(server));
    attempts.put("connection hoarder", () -> offenders.hoard(slow));
    server.awaitWarm();
    attempts.forEach(offenders::repeat);
    return offenders;
  }

  private String identifier(RealServer server) throws IOException {
    String identifier = server.newIdentifier();
    server.request("GET", "/health", identifier).send().ok();
    stops.add(server.request("POST", "/.management/stopSession", identifier));
    return identifier;
  }

  private interface Attempt {
    void run() throws IOException;
  }

  private void repeat(String name, Attempt attempt) {
    var count = new AtomicInteger();
    attempts.put(name, count);
    threads.add(
        Thread.ofPlatform()
            .name(name)
            .daemon()
            .start(
                () -> {
                  while (!closed) {
                    count.incrementAndGet();
                    try {
                      attempt.run();
                    } catch (IOException e) {
                      // Its sandbox has ended: on to the next.
                    }
                    LockSupport.parkNanos(200_000_000);
                  }
                }));
  }

  private void hoard(HttpCall call) throws IOException {
    List<Socket> held = new ArrayList<>();
    try {
      while (held.size() < CONNECTIONS && !closed) {
        held.add(call.begin());
      }
      while (!closed) {
        LockSupport.parkNanos(100_000_000);
      }
    } finally {
      for (Socket socket : held) {
        socket.close();
      }
    }
  }

  /** Ends their sessions. */
  @Override
  public void close() throws IOException, InterruptedException {
    closed = true;
    for (HttpCall stop : stops) {
      stop.send();
    }
    for (Thread thread : threads) {
      thread.join(Duration.ofSeconds(30));
    }
  }

  @Override
  public String toString() {
    return "attempts: " + attempts;
  }
}
