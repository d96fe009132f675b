package dev.sandpool.e2e.storm;

/** On gVisor, whose sandboxes are several processes each. */
class GvisorKillStormIT extends KillStorm {
  @Override
  String config() {
    return "";
  }

  @Override
  StormPlan plan() {
    return StormPlan.of(6, 200);
  }
}
