package dev.sandpool.server;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.engine.EngineInfo;
import dev.sandpool.server.gateway.BrowserRules;
import dev.sandpool.server.gateway.PoolBounds;
import dev.sandpool.server.gateway.PoolRoute;
import dev.sandpool.server.gateway.PoolRoutes;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.management.PoolHost;
import dev.sandpool.server.management.PoolSettings;
import dev.sandpool.server.metrics.Metrics;
import dev.sandpool.server.metrics.PoolMeters;
import dev.sandpool.server.pool.Pools;
import dev.sandpool.server.role.Scope;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

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
  private final Supplier<EngineInfo> engine;
  private final Metrics metrics;
  private final Map<PoolId, PoolRoute> known = new LinkedHashMap<>();
  private final Set<PoolId> leaving = new HashSet<>();

  /**
   * @param engine what stands between a sandbox and this host
   */
  RoutedPools(
      Pools keeper,
      Ledger ledger,
      PoolRoutes routes,
      Endpoints endpoints,
      Supplier<EngineInfo> engine,
      Metrics metrics) {
    this.keeper = keeper;
    this.ledger = ledger;
    this.routes = routes;
    this.endpoints = endpoints;
    this.engine = engine;
    this.metrics = metrics;
  }

  @Override
  public void changed(PoolId pool) {
    refresh(pool);
    keeper.changed(pool);
  }

  /** A pool's name among all resources; its id where it is not known any more. */
  synchronized String resource(PoolId pool) {
    PoolRoute route = known.get(pool);
    return route == null ? pool.value() : route.resource();
  }

  /** Reads all pools. */
  synchronized void refresh() {
    Map<String, PoolSettings> settings = PoolSettings.all(ledger);
    known.clear();
    leaving.clear();
    for (PoolRecord pool : ledger.pools()) {
      String id = pool.resourceId().toLowerCase(Locale.ROOT);
      know(pool, settings.getOrDefault(id, PoolSettings.DEFAULT));
    }
    routes.replace(known.values());
  }

  /** Changes of one pool at once must not bring back the older picture. */
  private synchronized void refresh(PoolId changed) {
    leaving.removeIf(
        pool -> {
          boolean gone = ledger.pool(pool).isEmpty();
          if (gone) {
            known.remove(pool);
          }
          return gone;
        });
    ledger
        .pool(changed)
        .ifPresentOrElse(
            pool -> know(pool, PoolSettings.of(ledger, pool.resourceId())),
            () -> known.remove(changed));
    routes.replace(known.values());
  }

  private void know(PoolRecord pool, PoolSettings settings) {
    known.put(pool.id(), route(pool, settings));
    if (pool.deleting()) {
      leaving.add(pool.id());
    }
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
        endpoints.byHost() ? PoolHost.of(ledger, pool).orElse(null) : null,
        Set.copyOf(settings.customDomains()),
        new PoolRoute.Options(
            settings.idleStream().orElse(null),
            settings.sessionOperations(),
            settings.http2(),
            settings.refusal(engine.get()).orElse(null),
            bounds(settings),
            new BrowserRules(settings.browserSandbox(), Set.copyOf(settings.allowedOrigins()))),
        Scope.ofPool(id.subscription(), id.group(), id.name()),
        meters(pool, id));
  }

  /** One that is being deleted must not come back under its name once it is forgotten. */
  private PoolMeters meters(PoolRecord pool, ResourceId name) {
    return pool.deleting()
        ? metrics.find(pool.id()).orElseGet(PoolMeters::new)
        : metrics.pool(pool.id(), name);
  }

  private static PoolBounds bounds(PoolSettings settings) {
    return new PoolBounds(
        settings.pingsKeepAlive(),
        settings.allocationsPerMinute().orElse(0),
        settings.requestsPerSecond().orElse(0),
        settings.requestsInFlight().orElse(0),
        settings.connections().orElse(0));
  }

  @Override
  public PoolCondition condition(PoolId pool) {
    return keeper.condition(pool);
  }

  @Override
  public Map<PoolId, PoolCondition> conditions(List<PoolRecord> pools) {
    return keeper.conditions(pools);
  }

  @Override
  public Set<String> imagesRunning() {
    return keeper.imagesRunning();
  }
}
