package dev.sandpool.server.session;

import dev.sandpool.model.SandboxId;
import java.time.Instant;

/**
 * What a caller may know of a session (contract 2.5, SessionView).
 *
 * @param identifier the caller's own; {@link #toString} leaves it out
 * @param sandbox another one means that the state of the old is lost (etag)
 * @param expiresAt when it ends if nothing more is asked of it from now on
 */
public record SessionView(
    String identifier,
    SandboxId sandbox,
    Instant createdAt,
    Instant lastAccessedAt,
    Instant expiresAt,
    Use use) {
  /**
   * What keeps it alive.
   *
   * @param requests under way, streams included
   * @param upgraded connections, those that say nothing included
   * @param aliveBecause why it has not ended, for a person
   */
  public record Use(int requests, int upgraded, String aliveBecause) {}

  @Override
  public String toString() {
    return "SessionView[" + sandbox + "]";
  }
}
