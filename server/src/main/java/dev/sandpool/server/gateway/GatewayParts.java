package dev.sandpool.server.gateway;

import dev.sandpool.server.session.Sessions;
import dev.sandpool.server.time.Time;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * What the gateway works with.
 *
 * @param accessLog who notes each request; null: nobody
 * @param fallback who answers requests that name no pool, where management shares the address;
 *     null: 404
 */
public record GatewayParts(
    Sessions<SandboxConnections> sessions,
    PoolDirectory pools,
    TokenCheck tokens,
    Time time,
    @Nullable AccessLog accessLog,
    @Nullable Handler<HttpServerRequest> fallback) {

  /** Parts without an access log. */
  public GatewayParts(
      Sessions<SandboxConnections> sessions,
      PoolDirectory pools,
      TokenCheck tokens,
      Time time,
      @Nullable Handler<HttpServerRequest> fallback) {
    this(sessions, pools, tokens, time, null, fallback);
  }
}
