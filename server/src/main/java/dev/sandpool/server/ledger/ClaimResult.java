package dev.sandpool.server.ledger;

/** What came of a claim. */
public sealed interface ClaimResult {
  /**
   * A ready sandbox is now this session's; durable before this is seen.
   *
   * @param lifecycle of the pool at this moment, which the session keeps
   */
  record Claimed(SandboxRecord sandbox, Lifecycle lifecycle) implements ClaimResult {}

  /**
   * The session has a sandbox already: Allocated, or Stopping, in which case the caller waits for
   * its end and claims anew.
   */
  record AlreadyHeld(SandboxRecord sandbox) implements ClaimResult {}

  /** There is room for a session, but no sandbox is ready. */
  record NoneReady() implements ClaimResult {}

  /** The pool has as many sessions as it may have. */
  record Full(int maxSessions) implements ClaimResult {}

  /** The pool does not exist, or is being deleted. */
  record NoPool() implements ClaimResult {}
}
