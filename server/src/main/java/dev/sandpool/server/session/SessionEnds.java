package dev.sandpool.server.session;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.SessionKey;

/** Who wants to know of the ends of sessions. Returns at once, on any thread, and never throws. */
@FunctionalInterface
public interface SessionEnds {
  /** That session is given up; its sandbox is about to end. */
  void ended(SessionKey key, SandboxId sandbox, String reason);
}
