package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import dev.sandpool.server.role.Scope;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds the pool that a request means: by host name, where there are such, or by path. Used on one
 * event loop only.
 */
final class Routing {
  private final PoolDirectory pools;
  private final @Nullable String suffix;

  /** Whoever asks for a pool by path mostly does so again. */
  private @Nullable RequestPath last;

  private String lastPrefix = "";

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
   * @param path what names it, where it is named by path
   */
  record Target(
      @Nullable PoolRoute route,
      String rest,
      boolean byPath,
      @Nullable String sessionHash,
      @Nullable RequestPath path) {

    /**
     * Where rights are needed. Made of what the caller wrote, so that it is the same whether there
     * is such a pool or not; a host alone tells nobody where its pool is.
     */
    Scope scope() {
      return path == null
          ? Scope.ALL
          : Scope.ofPool(path.subscription(), path.resourceGroup(), path.pool());
    }
  }

  /** The target, or null if neither host nor path has the form of a pool's. */
  @Nullable Target of(CharSequence host, String requestTarget) {
    String name = suffix == null ? null : below(host.toString(), suffix);
    if (name != null) {
      return byHost(name, requestTarget);
    }
    PoolRoute own = pools.byDomain(host.toString());
    if (own != null) {
      return new Target(own, requestTarget, false, null, null);
    }
    RequestPath path = path(requestTarget);
    return path == null
        ? null
        : new Target(
            pools.byPath(path.subscription(), path.resourceGroup(), path.pool()),
            RequestPath.rest(requestTarget, path.end()),
            true,
            null,
            path);
  }

  private @Nullable RequestPath path(String target) {
    RequestPath known = last;
    if (known != null && known.isThatOf(target, lastPrefix)) {
      return known;
    }
    RequestPath path = RequestPath.parse(target);
    last = path;
    lastPrefix = path == null ? "" : target.substring(0, path.end());
    return path;
  }

  private Target byHost(String host, String requestTarget) {
    int pool = SessionHosts.poolIn(host);
    // Before a pool of exactly that name, which could otherwise take a session's origin over.
    PoolRoute ofSession = pool < 0 ? null : pools.byHost(host.substring(pool));
    return ofSession == null
        ? new Target(pools.byHost(host), requestTarget, false, null, null)
        : new Target(
            ofSession,
            requestTarget,
            false,
            host.substring(0, SessionHosts.DIGITS).toLowerCase(Locale.ROOT),
            null);
  }

  /** A host without its port, if it is below that domain. */
  private static @Nullable String below(String host, String suffix) {
    int colon = host.indexOf(':');
    int length = colon < 0 ? host.length() : colon;
    int end = length - suffix.length();
    return end > 0 && host.regionMatches(true, end, suffix, 0, suffix.length())
        ? host.substring(0, length)
        : null;
  }

  /** What those hear who may ask. */
  static ArmException noSuchPool() {
    return new ArmException(404, "ResourceNotFound", "There is no such session pool.");
  }
}
