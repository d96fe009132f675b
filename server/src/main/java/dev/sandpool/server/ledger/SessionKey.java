package dev.sandpool.server.ledger;

import dev.sandpool.model.PoolId;

/**
 * A pool and a caller's identifier: what a session is found by. The identifier is secret, so {@link
 * #toString} leaves it out.
 *
 * @param identifier 4 to 128 characters, case-sensitive, checked by the gateway
 */
public record SessionKey(PoolId pool, String identifier) {
  @Override
  public String toString() {
    return "SessionKey[" + pool + "]";
  }
}
