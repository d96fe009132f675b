package dev.sandpool.server.gateway;

import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A directory that is replaced as a whole whenever a pool comes or goes. Thread-safe. */
public final class PoolRoutes implements PoolDirectory {
  private volatile Snapshot snapshot = new Snapshot(Map.of(), Map.of(), Map.of());

  /** No pools yet. */
  public PoolRoutes() {}

  /** From now on exactly these pools exist. */
  public void replace(Collection<PoolRoute> routes) {
    Map<String, PoolRoute> byHost = new HashMap<>();
    Map<String, PoolRoute> byDomain = new HashMap<>();
    Map<PathKey, PoolRoute> byPath = new HashMap<>();
    for (PoolRoute route : routes) {
      if (route.host() != null) {
        byHost.put(lower(route.host()), route);
      }
      route.domains().forEach(domain -> byDomain.put(lower(domain), route));
      byPath.put(key(route.subscription(), route.resourceGroup(), route.name()), route);
    }
    snapshot = new Snapshot(Map.copyOf(byHost), Map.copyOf(byDomain), Map.copyOf(byPath));
  }

  @Override
  public @Nullable PoolRoute byHost(String host) {
    return snapshot.byHost.get(lower(host));
  }

  @Override
  public @Nullable PoolRoute byDomain(String host) {
    Map<String, PoolRoute> domains = snapshot.byDomain;
    if (domains.isEmpty()) {
      return null;
    }
    int colon = host.indexOf(':');
    return domains.get(lower(colon < 0 ? host : host.substring(0, colon)));
  }

  @Override
  public @Nullable PoolRoute byPath(String subscription, String resourceGroup, String name) {
    return snapshot.byPath.get(key(subscription, resourceGroup, name));
  }

  private static PathKey key(String subscription, String resourceGroup, String name) {
    return new PathKey(lower(subscription), lower(resourceGroup), lower(name));
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  private record PathKey(String subscription, String resourceGroup, String name) {}

  private record Snapshot(
      Map<String, PoolRoute> byHost,
      Map<String, PoolRoute> byDomain,
      Map<PathKey, PoolRoute> byPath) {}
}
