package dev.sandpool.e2e.storm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.e2e.Stage;
import dev.sandpool.e2e.TestPool;
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
          .untilAsserted(() -> assertThat(storm.unheld()).hasSize(READY));
    }
  }
}
