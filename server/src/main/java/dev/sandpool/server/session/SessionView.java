package dev.sandpool.server.session;

import dev.sandpool.model.SandboxId;
import java.time.Instant;

/**
 * What a caller may know of a session (contract 2.5, SessionView).
 *
 * @param identifier the caller's own; {@link #toString} leaves it out
 * @param sandbox another one means that the state of the old is lost (etag)
 * @param expiresAt when it ends if nobody calls
 */
public record SessionView(
    String identifier,
    SandboxId sandbox,
    Instant createdAt,
    Instant lastAccessedAt,
    Instant expiresAt) {
  @Override
  public String toString() {
    return "SessionView[" + sandbox + "]";
  }
}
