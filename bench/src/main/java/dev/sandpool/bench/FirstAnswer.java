package dev.sandpool.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waiting for the first HTTP answer of an application that is coming up. */
final class FirstAnswer {
  /** While gVisor takes the address over, connects get no answer at all: try again soon. */
  private static final Duration CONNECT = Duration.ofMillis(20);

  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final long PAUSE_NANOS = 2_000_000;

  private FirstAnswer() {}

  static void await(String address, int port) throws IOException {
    HttpCall call = HttpCall.of("GET", address, port, "/health");
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    while (true) {
      try {
        call.send(CONNECT, ANSWER).ok();
        return;
      } catch (IOException e) {
        if (System.nanoTime() > deadline) {
          throw new IOException("no answer from " + address + " within " + DEADLINE, e);
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }
}
