package dev.sandpool.server.logs;

import dev.sandpool.server.ledger.SandboxRecord;

/**
 * What rows come from.
 *
 * @param pod the sandbox; empty where it is the pool itself
 * @param revision of it; empty where nobody knows
 * @param session keyed hash of the session that held it; empty where none did
 */
public record LogOrigin(String pod, String revision, String session) {
  /** A pool. */
  public static final LogOrigin POOL = new LogOrigin("", "", "");

  static LogOrigin of(SandboxRecord sandbox) {
    return new LogOrigin(sandbox.id().toString(), sandbox.revision().toString(), "");
  }

  LogOrigin withSession(String hash) {
    return new LogOrigin(pod, revision, hash);
  }
}
