package dev.sandpool.server.logs;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.ResourceId;

/**
 * Where rows belong: a pool, and the workspace that its environment logged to at that time. It is
 * kept beside them, because logs outlive their pools.
 *
 * @param workspace customer id of the workspace
 */
public record LogPlace(
    String workspace,
    PoolId pool,
    String poolName,
    String poolResourceId,
    String environmentId,
    String location) {
  /** The subscription of the pool; empty where its id has none. */
  public String subscription() {
    return ResourceId.parse(poolResourceId).map(ResourceId::subscription).orElse("");
  }
}
