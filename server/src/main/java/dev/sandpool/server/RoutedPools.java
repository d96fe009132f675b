package dev.sandpool.server;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.gateway.PoolRoute;
import dev.sandpool.server.gateway.PoolRoutes;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.pool.Pools;
import java.util.Set;

/**
 * The keeper as management sees it, with the gateway's routes kept up: what management changes, the
 * gateway must know before the change is answered. A pool that is gone keeps its route until the
 * next change, and claims of it say so.
 */
final class RoutedPools implements Pools {
  private final Pools keeper;
  private final Ledger ledger;
  private final PoolRoutes routes;
  private final Endpoints endpoints;

  RoutedPools(Pools keeper, Ledger ledger, PoolRoutes routes, Endpoints endpoints) {
    this.keeper = keeper;
    this.ledger = ledger;
    this.routes = routes;
    this.endpoints = endpoints;
  }

  @Override
  public void changed(PoolId pool) {
    refresh();
    keeper.changed(pool);
  }

  /** Reads all pools; changes of two pools at once must not bring back the older picture. */
  synchronized void refresh() {
    routes.replace(ledger.pools().stream().map(this::route).toList());
  }

  private PoolRoute route(PoolRecord pool) {
    ResourceId id =
        ResourceId.parse(pool.resourceId())
            .orElseThrow(() -> new IllegalStateException("no resource id: " + pool.resourceId()));
    return new PoolRoute(
        pool.id(),
        pool.name(),
        id.subscription(),
        id.group(),
        endpoints.dataPlane()
            + "/subscriptions/"
            + id.subscription()
            + "/resourceGroups/"
            + id.group()
            + "/sessionPools/"
            + id.name());
  }

  @Override
  public PoolCondition condition(PoolId pool) {
    return keeper.condition(pool);
  }

  @Override
  public Set<String> imagesRunning() {
    return keeper.imagesRunning();
  }
}
