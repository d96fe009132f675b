package dev.sandpool.e2e.storm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.e2e.HostCensus;
import dev.sandpool.e2e.Stage;
import dev.sandpool.e2e.TestPool;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Sessions that come and go by the thousand leave host and server as they were; {@code
 * -Dsandpool.cycles} says how many.
 */
class SessionCyclesIT {
  private static final int WARM_UP = 20;
  private static final int READY = 2;
  private static final int JVM_THREADS = 8;
  private static final int DESCRIPTORS = 10;

  @Test
  void manySessionsLaterEverythingIsWhereItWas() throws Exception {
    int cycles =
        Integer.getInteger("sandpool.cycles", Boolean.getBoolean("sandpool.soak") ? 10_000 : 40);
    try (Stage stage =
        Stage.open("cycles", "engine:\n  isolation: container\n", "--dev").importSample()) {
      TestPool pool = stage.pool("cycles", "--max-sessions 10 --ready-sessions " + READY);
      run(pool, "warm", WARM_UP);
      Map<String, HostCensus> before = atRest(stage);
      long begin = System.nanoTime();
      run(pool, "cycle", cycles);
      Duration took = Duration.ofNanos(System.nanoTime() - begin);
      Map<String, HostCensus> after = atRest(stage);
      System.out.printf(
          "%d sessions in %d s%n  before: %s%n  after:  %s%n",
          cycles, took.toSeconds(), before, after);
      assertThat(after).containsOnlyKeys(before.keySet());
      before.forEach((name, was) -> compare(was, after.getOrDefault(name, was), cycles));
    }
  }

  private static void run(TestPool pool, String name, int cycles) {
    for (int cycle = 0; cycle < cycles; cycle++) {
      String identifier = name + "-" + cycle;
      pool.instance(identifier);
      pool.stop(identifier);
    }
  }

  /**
   * When as many sandboxes are there as the pool keeps, and nothing comes or goes from one look to
   * the next: what a session leaves behind for a moment is no leftover.
   */
  private static Map<String, HostCensus> atRest(Stage stage) {
    Map<String, HostCensus> census = new TreeMap<>();
    await("the pool is at rest")
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(
            () -> {
              Map<String, Map<String, Long>> before = standing(census);
              take(stage, census);
              assertThat(standing(census)).isEqualTo(before);
              for (HostCensus one : census.values()) {
                assertThat(one.named())
                    .containsEntry("netns", (long) READY)
                    .containsEntry("interface", (long) READY)
                    .containsEntry("folder", (long) READY)
                    .containsEntry("process", (long) READY)
                    .doesNotContainKey("temporary");
              }
            });
    return census;
  }

  private static void take(Stage stage, Map<String, HostCensus> census)
      throws IOException, InterruptedException {
    var server = stage.server();
    Map<String, Long> processes = new TreeMap<>(server.processes());
    processes.remove("supervisor");
    for (Map.Entry<String, Long> process : processes.entrySet()) {
      census.put(
          process.getKey(),
          HostCensus.take(server.instance(), server.dataDirectory(), process.getValue()));
    }
  }

  private static Map<String, Map<String, Long>> standing(Map<String, HostCensus> census) {
    Map<String, Map<String, Long>> standing = new TreeMap<>();
    census.forEach((name, one) -> standing.put(name, standing(one)));
    return standing;
  }

  /** Without what the kernel remembers of connections: sandboxes that live are asked something. */
  private static Map<String, Long> standing(HostCensus census) {
    Map<String, Long> standing = new TreeMap<>(census.named());
    standing.remove("conntrack");
    return standing;
  }

  private static void compare(HostCensus was, HostCensus is, int cycles) {
    assertThat(standing(is)).isEqualTo(standing(was));
    assertThat(is.descriptors()).isLessThanOrEqualTo(was.descriptors() + DESCRIPTORS);
    assertThat(is.threads()).isLessThanOrEqualTo(was.threads() + JVM_THREADS);
    // Sessions that are gone stay in the ledger, and their slots in memory, while the slot rests.
    assertThat(is.heapBytes()).isLessThan(was.heapBytes() + (8L << 20) + 1024L * cycles);
  }
}
