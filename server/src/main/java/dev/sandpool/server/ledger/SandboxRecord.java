package dev.sandpool.server.ledger;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.RevisionId;
import dev.sandpool.model.SandboxId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the ledger knows of one sandbox.
 *
 * @param slot its network slot, unique among all sandboxes in the ledger
 * @param network what it may reach: the policy that it was started with, or less since
 * @param memoryBytes its limit plus the engine's overhead
 * @param liveness the probe of its revision, which may be forgotten before it; null where it has
 *     none
 * @param address where it is reached; null until it was started
 * @param session who holds it, or held it when it began to stop; null before
 * @param lastActiveAt when the holder was last known to be active, for display and after a restart
 * @param endedAt when it was Gone; null before
 * @param endReason why it ends or ended; null before
 * @param reserved what it has for itself
 */
public record SandboxRecord(
    SandboxId id,
    RevisionId revision,
    int slot,
    NetworkStatus network,
    long memoryBytes,
    int targetPort,
    @Nullable Probe liveness,
    SandboxState state,
    @Nullable String address,
    @Nullable SessionKey session,
    Instant createdAt,
    @Nullable Instant readyAt,
    @Nullable Instant allocatedAt,
    @Nullable Instant lastActiveAt,
    @Nullable Instant endedAt,
    @Nullable String endReason,
    Reserved reserved) {
  /** One of which nobody says what it has for itself. */
  public SandboxRecord(
      SandboxId id,
      RevisionId revision,
      int slot,
      NetworkStatus network,
      long memoryBytes,
      int targetPort,
      @Nullable Probe liveness,
      SandboxState state,
      @Nullable String address,
      @Nullable SessionKey session,
      Instant createdAt,
      @Nullable Instant readyAt,
      @Nullable Instant allocatedAt,
      @Nullable Instant lastActiveAt,
      @Nullable Instant endedAt,
      @Nullable String endReason) {
    this(
        id,
        revision,
        slot,
        network,
        memoryBytes,
        targetPort,
        liveness,
        state,
        address,
        session,
        createdAt,
        readyAt,
        allocatedAt,
        lastActiveAt,
        endedAt,
        endReason,
        Reserved.UNKNOWN);
  }

  /** The pool that it belongs to. */
  public PoolId pool() {
    return revision.pool();
  }
}
