package dev.sandpool.server.ledger.sqlite;

import static dev.sandpool.server.ledger.Samples.NOW;

import dev.sandpool.server.ledger.ClaimResult;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.Samples;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.secret.DataKey;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How long claims take with many sandboxes in the ledger; run by hand, it asserts nothing.
 * Arguments: sandboxes, concurrent callers.
 */
final class ClaimLatency {
  private static final int WARM_UP = 2_000;

  private ClaimLatency() {}

  public static void main(String[] args) throws Exception {
    int sandboxes = Integer.parseInt(args[0]);
    int callers = Integer.parseInt(args[1]);
    Path directory = Files.createTempDirectory("claim-latency");
    DataKey key = DataKey.of(new byte[32]);
    try (SqliteLedger ledger = SqliteLedger.open(directory.resolve("ledger.db"), key)) {
      run(ledger, sandboxes, callers);
    } finally {
      remove(directory);
    }
  }

  private static void run(SqliteLedger ledger, int sandboxes, int callers) throws Exception {
    PoolRecord pool = Samples.pool(1, sandboxes);
    ledger.putPool(pool, Samples.document(pool));
    spread(
        callers,
        sandboxes,
        number -> {
          SandboxRecord sandbox = Samples.starting(number, pool.desired().id(), pool.network());
          ledger.recordStarting(sandbox);
          ledger.markReady(sandbox.id(), "10.0.0.1", NOW.plusNanos(number));
        });
    long[] nanos = new long[sandboxes];
    long begin = System.nanoTime();
    spread(
        callers,
        sandboxes,
        number -> {
          long before = System.nanoTime();
          ClaimResult result = ledger.claim(Samples.key(pool, "user-" + number), NOW);
          nanos[number] = System.nanoTime() - before;
          if (!(result instanceof ClaimResult.Claimed)) {
            throw new IllegalStateException(result.toString());
          }
        });
    report(nanos, callers, System.nanoTime() - begin);
  }

  private static void report(long[] nanos, int callers, long took) {
    long[] warm = Arrays.copyOfRange(nanos, Math.min(WARM_UP, nanos.length / 2), nanos.length);
    Arrays.sort(warm);
    System.out.printf(
        Locale.ROOT,
        "%d claims, %d callers: p50 %.3f ms, p99 %.3f ms, p99.9 %.3f ms, max %.3f ms, %.0f/s%n",
        nanos.length,
        callers,
        warm[warm.length / 2] / 1e6,
        warm[warm.length * 99 / 100] / 1e6,
        warm[(int) (warm.length * 999L / 1000)] / 1e6,
        warm[warm.length - 1] / 1e6,
        nanos.length * 1e9 / took);
  }

  private interface Numbered {
    void run(int number);
  }

  private static void spread(int callers, int count, Numbered work) throws InterruptedException {
    var next = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      threads.add(
          Thread.startVirtualThread(
              () -> {
                for (int n = next.getAndIncrement(); n < count; n = next.getAndIncrement()) {
                  work.run(n);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private static void remove(Path directory) throws IOException {
    for (File file : Objects.requireNonNull(directory.toFile().listFiles())) {
      Files.delete(file.toPath());
    }
    Files.delete(directory);
  }
}
