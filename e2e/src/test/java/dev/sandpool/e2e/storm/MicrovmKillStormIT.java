package dev.sandpool.e2e.storm;

import dev.sandpool.e2e.engine.MicrovmGuest;
import java.time.Duration;

/** On virtual machines, which start as clones of one; on an emulated processor, so few kills. */
class MicrovmKillStormIT extends KillStorm {
  @Override
  String config() {
    return MicrovmGuest.serverConfig();
  }

  @Override
  StormPlan plan() {
    return StormPlan.of(4, 40).slower(2, Duration.ofMinutes(4));
  }
}
