package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the pool that a request means: by host name where there is a domain, or by path. */
final class Routing {
  private final PoolDirectory pools;
  private final @Nullable String suffix;

  /**
   * @param domain the environment's, or null: no pool answers by host name
   */
  Routing(PoolDirectory pools, @Nullable String domain) {
    this.pools = pools;
    this.suffix = domain == null ? null : "." + domain;
  }

  /**
   * Where a request goes.
   *
   * @param route the pool, or null if there is none of that name
   * @param rest what follows the pool in the request target, untouched
   * @param byPath whether it is named by path, at a host that all pools share
   * @param sessionHash of the session whose own host was asked, in lower case; null: no session's
   */
  record Target(
      @Nullable PoolRoute route, String rest, boolean byPath, @Nullable String sessionHash) {}

  /** The target, or null if neither host nor path has the form of a pool's. */
  @Nullable Target of(CharSequence host, String requestTarget) {
    String label = suffix == null ? null : label(host.toString(), suffix);
    if (label != null) {
      return byHost(label, requestTarget);
    }
    RequestPath path = RequestPath.parse(requestTarget);
    return path == null
        ? null
        : new Target(
            pools.byPath(path.subscription(), path.resourceGroup(), path.pool()),
            RequestPath.rest(requestTarget, path.end()),
            true,
            null);
  }

  private Target byHost(String label, String requestTarget) {
    int pool = SessionHosts.poolIn(label);
    // Before a pool of exactly that name, which could otherwise take a session's origin over.
    PoolRoute ofSession = pool < 0 ? null : pools.byHostLabel(label.substring(pool));
    return ofSession == null
        ? new Target(pools.byHostLabel(label), requestTarget, false, null)
        : new Target(
            ofSession,
            requestTarget,
            false,
            label.substring(0, SessionHosts.DIGITS).toLowerCase(Locale.ROOT));
  }

  private static @Nullable String label(String host, String suffix) {
    int colon = host.indexOf(':');
    int end = (colon < 0 ? host.length() : colon) - suffix.length();
    boolean under = end > 0 && host.regionMatches(true, end, suffix, 0, suffix.length());
    return under && host.indexOf('.') == end ? host.substring(0, end) : null;
  }

  /** What those hear who may ask. */
  static ArmException noSuchPool() {
    return new ArmException(404, "ResourceNotFound", "There is no such session pool.");
  }
}
