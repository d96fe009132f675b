package dev.sandpool.server;

import dev.sandpool.model.Isolation;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.gateway.PoolBounds;
import dev.sandpool.server.gateway.PoolRoute;
import dev.sandpool.server.gateway.PoolRoutes;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.management.PoolSettings;
import dev.sandpool.server.pool.Pools;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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
  private final Supplier<Isolation> isolation;

  /**
   * @param isolation what stands between a sandbox and this host
   */
  RoutedPools(
      Pools keeper,
      Ledger ledger,
      PoolRoutes routes,
      Endpoints endpoints,
      Supplier<Isolation> isolation) {
    this.keeper = keeper;
    this.ledger = ledger;
    this.routes = routes;
    this.endpoints = endpoints;
    this.isolation = isolation;
  }

  @Override
  public void changed(PoolId pool) {
    refresh();
    keeper.changed(pool);
  }

  /** Reads all pools; changes of two pools at once must not bring back the older picture. */
  synchronized void refresh() {
    Map<String, PoolSettings> settings = PoolSettings.all(ledger);
    routes.replace(
        ledger.pools().stream()
            .map(
                pool ->
                    route(
                        pool,
                        settings.getOrDefault(
                            pool.resourceId().toLowerCase(Locale.ROOT), PoolSettings.DEFAULT)))
            .toList());
  }

  private PoolRoute route(PoolRecord pool, PoolSettings settings) {
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
            + id.name(),
        new PoolRoute.Options(
            settings.idleStream().orElse(null),
            settings.sessionOperations(),
            settings.http2(),
            refusal(settings),
            bounds(settings)));
  }

  private static PoolBounds bounds(PoolSettings settings) {
    return new PoolBounds(
        settings.pingsKeepAlive(),
        settings.allocationsPerMinute().orElse(0),
        settings.requestsPerSecond().orElse(0),
        settings.requestsInFlight().orElse(0));
  }

  /** The host may have been given another engine since the pool's settings were accepted. */
  private @Nullable String refusal(PoolSettings settings) {
    Isolation here = isolation.get();
    return settings
        .isolation()
        .filter(wanted -> wanted.compareTo(here) > 0)
        .map(
            wanted ->
                "The pool asks for isolation '%s'; this host has '%s'."
                    .formatted(wanted.label(), here.label()))
        .orElse(null);
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
