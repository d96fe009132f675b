package dev.sandpool.server.ledger;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.RevisionId;

/**
 * How many living sandboxes of one revision are in one state.
 *
 * @param network what they may reach
 * @param count at least 1
 */
public record SandboxCount(
    RevisionId revision, NetworkStatus network, SandboxState state, int count) {
  /** The pool that they are of. */
  public PoolId pool() {
    return revision.pool();
  }
}
