package dev.sandpool.e2e.storm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.e2e.Stage;
import dev.sandpool.e2e.TestPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * How soon a killed server with many sandboxes serves them again: few in {@code ./dev test}, 200 in
 * {@code ./dev soak}; {@code -Dsandpool.restart.sandboxes} says how many.
 */
class ManySandboxesRestartIT {
  private static final int RESTARTS = 5;

  /** On a machine that does nothing else; asserted in the long form alone. */
  private static final Duration TARGET = Duration.ofSeconds(2);

  private static final String CONFIG =
      """
      engine:
        isolation: container
      limits:
        memory:
          minimum: 16Mi
        host:
          memory: 1Ti
      """;

  @Test
  void everySandboxIsThereAgainAndSoon() throws Exception {
    boolean soak = Boolean.getBoolean("sandpool.soak");
    int count = Integer.getInteger("sandpool.restart.sandboxes", soak ? 200 : 10);
    try (Stage stage = Stage.open("many", CONFIG, "--dev").importSample()) {
      TestPool pool =
          stage.pool("many", "--max-sessions " + (count + 1) + " --ready-sessions " + count);
      await("all of them are there")
          .atMost(Duration.ofMinutes(6))
          .until(() -> stage.server().namespaces().size() >= count);
      String before = pool.instance("restart-1");
      List<Duration> times = new ArrayList<>();
      for (int restart = 0; restart < RESTARTS; restart++) {
        // One that is still being started when its server is killed is reclaimed, as it should be.
        await("none is being started")
            .atMost(Duration.ofMinutes(2))
            .until(
                () ->
                    stage.client().sandboxes("ready") == count
                        && stage.client().sandboxes("executing") == 1);
        List<String> known = stage.server().namespaces();
        stage.server().kill();
        long begin = System.nanoTime();
        stage.server().restart();
        assertThat(pool.instance("restart-1")).isEqualTo(before);
        times.add(Duration.ofNanos(System.nanoTime() - begin));
        assertThat(stage.server().namespaces()).containsAll(known);
      }
      List<Long> sorted = times.stream().map(Duration::toMillis).sorted().toList();
      System.out.println(
          "killed with %d sandboxes, first answer of a known session after (ms): %s"
              .formatted(count, sorted));
      if (soak) {
        assertThat(sorted.get(RESTARTS / 2)).as("median").isLessThanOrEqualTo(TARGET.toMillis());
      }
    }
  }
}
