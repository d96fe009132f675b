package dev.sandpool.e2e.storm;

import dev.sandpool.e2e.engine.MicrovmGuest;

/** On virtual machines, which the server finds again as clones of one that it had made before. */
class MicrovmKillStormIT extends KillStorm {
  @Override
  String config() {
    return MicrovmGuest.serverConfig();
  }

  @Override
  StormPlan plan() {
    return StormPlan.of(3, 40);
  }
}
