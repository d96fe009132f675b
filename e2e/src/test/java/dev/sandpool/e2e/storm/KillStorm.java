package dev.sandpool.e2e.storm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.e2e.Stage;
import dev.sandpool.e2e.TestPool;
import org.junit.jupiter.api.Test;

/** Our processes are killed at random moments under load: no session is lost, nothing left (G6). */
abstract class KillStorm {
  private static final int READY = 2;

  abstract String config();

  abstract StormPlan plan();

  @Test
  void noSessionIsLostAndNothingIsLeft() throws Exception {
    StormPlan plan = plan();
    System.out.println(plan);
    try (Stage stage = Stage.open("storm", config(), "--dev").importSample()) {
      TestPool pool =
          stage.pool("storm", "--cooldown-period 3600 --max-sessions 20 --ready-sessions " + READY);
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
