package dev.sandpool.server.gateway;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.metrics.PoolMeters;
import dev.sandpool.server.role.Scope;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pool as the gateway knows it.
 *
 * @param pool whose sessions are meant
 * @param name as its creator wrote it
 * @param endpoint the URL under which callers reach it, without a slash at the end; made from
 *     configuration, never from a Host header
 * @param host the name by which it answers as well, in lower case; null: by path only
 * @param domains hosts that are its own, in lower case
 * @param scope where rights on it are looked for
 * @param meters where its requests are counted
 */
public record PoolRoute(
    PoolId pool,
    String name,
    String subscription,
    String resourceGroup,
    String endpoint,
    @Nullable String host,
    Set<String> domains,
    Options options,
    Scope scope,
    PoolMeters meters) {

  /** A pool at the scope that its names make, whose requests nobody counts. */
  public PoolRoute(
      PoolId pool,
      String name,
      String subscription,
      String resourceGroup,
      String endpoint,
      @Nullable String host,
      Options options) {
    this(
        pool,
        name,
        subscription,
        resourceGroup,
        endpoint,
        host,
        Set.of(),
        options,
        Scope.ofPool(subscription, resourceGroup, name),
        new PoolMeters());
  }

  /** Its name among all resources, in management's words. */
  public String resource() {
    return "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.App/sessionPools/%s"
        .formatted(subscription, resourceGroup, name);
  }

  /** A pool without a host and settings of its own. */
  public PoolRoute(
      PoolId pool, String name, String subscription, String resourceGroup, String endpoint) {
    this(pool, name, subscription, resourceGroup, endpoint, null, Options.NONE);
  }

  /**
   * What a pool has of its own instead of the gateway's.
   *
   * @param idleStream how long its streams may move nothing; null: as the gateway's
   * @param sessionOperations whether {@code /session} and {@code /listSessions} are answered here
   *     instead of being forwarded
   * @param http2 whether its sandboxes are spoken to in HTTP/2
   * @param refusal why it gets no sessions at the moment; null: it does
   * @param bounds what its callers may take
   * @param browser what browsers are told about its answers
   */
  public record Options(
      @Nullable Duration idleStream,
      boolean sessionOperations,
      boolean http2,
      @Nullable String refusal,
      PoolBounds bounds,
      BrowserRules browser) {
    /** None. */
    public static final Options NONE = new Options(null, false, false, null);

    /** Without bounds, and with what browsers are told where nothing else is said. */
    public Options(
        @Nullable Duration idleStream,
        boolean sessionOperations,
        boolean http2,
        @Nullable String refusal) {
      this(idleStream, sessionOperations, http2, refusal, PoolBounds.NONE, BrowserRules.DEFAULT);
    }
  }
}
