package dev.sandpool.e2e.storm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.e2e.Leftovers;
import dev.sandpool.e2e.Stage;
import dev.sandpool.e2e.TestPool;
import dev.sandpool.e2e.TestServer;
import java.io.IOException;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Our processes are killed at random moments under load: no session is lost, nothing left (G6). */
abstract class KillStorm {
  static final int READY = 2;
  static final String POOL = "--cooldown-period 3600 --max-sessions 20 --ready-sessions ";

  abstract String config();

  abstract StormPlan plan();

  /** One whose sandboxes each start the application: callers know them by that start. */
  TestPool pool(Stage stage) {
    return stage.pool("storm", POOL + READY);
  }

  /** Of all sandboxes of which the host has anything: mounts, disks, cgroups, folders and so on. */
  private static Set<String> names(TestServer server) throws IOException {
    Pattern name = Pattern.compile("\\b" + server.instance().prefix() + "[a-z2-7]{8}\\b");
    return Leftovers.of(server.instance(), server.dataDirectory()).stream()
        .flatMap(line -> name.matcher(line).results())
        .map(MatchResult::group)
        .collect(Collectors.toSet());
  }

  @Test
  void noSessionIsLostAndNothingIsLeft() throws Exception {
    StormPlan plan = plan();
    System.out.println(plan);
    try (Stage stage = Stage.open("storm", config(), "--dev").importSample()) {
      TestPool pool = pool(stage);
      var storm = new Storm(plan, stage, pool);
      StormReport report = storm.run();
      System.out.println(plan + ": " + report);
      assertThat(report.broken()).as("%s: %s", plan, report).isEmpty();
      assertThat(report.counted("verified")).isEqualTo(plan.callers());
      await("as many sandboxes as are known, " + plan)
          .atMost(plan.recovery())
          .untilAsserted(
              () -> {
                assertThat(storm.unheld()).hasSize(READY);
                // Before it is closed: the server that closes it frees what an earlier one left.
                assertThat(names(stage.server()))
                    .isEqualTo(Set.copyOf(stage.server().namespaces()));
              });
    }
  }
}
