package dev.sandpool.server.gateway;

import dev.sandpool.server.session.Sessions;
import dev.sandpool.server.time.Time;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * What the gateway works with.
 *
 * @param fallback who answers requests that name no pool, where management shares the address;
 *     null: 404
 */
public record GatewayParts(
    Sessions<SandboxConnections> sessions,
    PoolDirectory pools,
    TokenCheck tokens,
    Time time,
    @Nullable Handler<HttpServerRequest> fallback) {}
