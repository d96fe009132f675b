package dev.sandpool.e2e.storm;

import dev.sandpool.e2e.Stage;
import dev.sandpool.e2e.TestPool;
import dev.sandpool.e2e.engine.MicrovmGuest;
import java.time.Duration;

/**
 * On virtual machines that boot: clones of one share the start of their application. On an emulated
 * processor, so few kills.
 */
class MicrovmKillStormIT extends KillStorm {
  @Override
  String config() {
    return MicrovmGuest.serverConfig();
  }

  @Override
  TestPool pool(Stage stage) {
    TestPool pool = stage.pool("storm", POOL + 0);
    stage.cli().ok("sandpool sessionpool settings update -n storm -g group --snapshot-start false");
    stage.cli().ok("sandpool sessionpool update -n storm -g group --ready-sessions " + READY);
    return pool;
  }

  @Override
  StormPlan plan() {
    return StormPlan.of(4, 40).slower(2, Duration.ofMinutes(4));
  }
}
