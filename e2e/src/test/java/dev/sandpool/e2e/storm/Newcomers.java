package dev.sandpool.e2e.storm;

import dev.sandpool.e2e.TestPool;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.LockSupport;

/**
 * Identifiers that come and go all the time, so that at any moment some sandbox is half started and
 * another half stopped.
 */
final class Newcomers implements Runnable {
  /** So many are left in the pool before the oldest is asked to leave. */
  private static final int STAYING = 2;

  private final TestPool pool;
  private final StormReport report;
  private final Deque<String> staying = new ArrayDeque<>();
  private volatile boolean over;

  Newcomers(TestPool pool, StormReport report) {
    this.pool = pool;
    this.report = report;
  }

  void end() {
    over = true;
  }

  @Override
  public void run() {
    for (int number = 0; !over; number++) {
      try {
        String identifier = "newcomer-" + number;
        staying.add(identifier);
        if (pool.get("/", identifier).statusCode() == 200) {
          report.count("came");
        }
        while (staying.size() > STAYING && !over) {
          // Only an acknowledged end is one: else it stays for ever, and in the end the pool is
          // full.
          if (pool.manage("stopSession?identifier=" + staying.getFirst()).statusCode() < 500) {
            staying.removeFirst();
          }
        }
      } catch (UncheckedIOException e) {
        LockSupport.parkNanos(20_000_000);
      }
    }
  }
}
