package dev.sandpool.e2e.storm;

/** On runc, whose sandboxes start and end fastest. */
class RuncKillStormIT extends KillStorm {
  @Override
  String config() {
    return "engine:\n  isolation: container\n";
  }

  @Override
  StormPlan plan() {
    return StormPlan.of(20, 200);
  }
}
