package dev.sandpool.e2e.storm;

import java.time.Duration;

/**
 * How hard a storm is, and which.
 *
 * @param seed of every choice that is made; {@code -Dsandpool.storm.seed}
 * @param kills how many; {@code -Dsandpool.storm.kills}
 * @param callers applications that each keep one session through the storm, at least 1
 * @param harms of a hundred kills, so many hit a sandbox itself or its monitor; {@code
 *     -Dsandpool.storm.harms}
 * @param calm longest time between two kills
 * @param recovery within which every caller is served again
 */
record StormPlan(long seed, int kills, int callers, int harms, Duration calm, Duration recovery) {
  /** What the command line asks for, else that many kills and a seed that nobody chose. */
  static StormPlan of(int kills, int soakKills) {
    boolean soak = Boolean.getBoolean("sandpool.soak");
    return new StormPlan(
        Long.getLong("sandpool.storm.seed", System.nanoTime() & 0xffff_ffffL),
        Integer.getInteger("sandpool.storm.kills", soak ? soakKills : kills),
        4,
        Integer.getInteger("sandpool.storm.harms", 20),
        Duration.ofMillis(900),
        Duration.ofSeconds(60));
  }

  /** The same where sandboxes take long to start. */
  StormPlan slower(int fewerCallers, Duration longerRecovery) {
    return new StormPlan(seed, kills, fewerCallers, harms, calm, longerRecovery);
  }

  @Override
  public String toString() {
    return "storm of %d kills, -Dsandpool.storm.seed=%d".formatted(kills, seed);
  }
}
