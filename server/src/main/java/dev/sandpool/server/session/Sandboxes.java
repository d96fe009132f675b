package dev.sandpool.server.session;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import java.time.Duration;

/** What sessions ask of the pools' keeper. */
public interface Sandboxes {
  /** A ready sandbox has been taken, or is missed: see to another. Returns at once. */
  void replenish(PoolId pool);

  /**
   * Destroys a sandbox and returns when its last process is dead and the ledger says Gone. Any
   * number of calls may be under way for the same one.
   *
   * @param atMost how long to wait; what was begun goes on
   * @return whether it is gone
   */
  boolean destroy(SandboxId sandbox, String reason, Duration atMost);

  /**
   * Whether no sandbox may be given to a session at this moment, ready or not: then a claim finds
   * none ready.
   */
  default boolean claimsHeld() {
    return false;
  }

  /** How long no start is tried in a pool whose sandboxes keep failing; zero: it is now. */
  default Duration readyPause(PoolId pool) {
    return Duration.ZERO;
  }

  /** Why nothing is ready in a pool, in words for a person: pull failed, crash loop, host full. */
  String whyNoneReady(PoolId pool);
}
