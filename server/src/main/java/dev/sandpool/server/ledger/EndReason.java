package dev.sandpool.server.ledger;

/** The ends of sessions that nothing is wrong with, as the ledger records and logs repeat them. */
public final class EndReason {
  /** Nobody called for the pool's cooldown. */
  public static final String IDLE = "idle for its cooldown";

  /** The longest life of a session of the pool. */
  public static final String LIFETIME = "alive for as long as it may be";

  private EndReason() {}
}
