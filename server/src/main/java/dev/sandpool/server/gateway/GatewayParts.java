package dev.sandpool.server.gateway;

import dev.sandpool.server.audit.Audit;
import dev.sandpool.server.metrics.Metrics;
import dev.sandpool.server.metrics.ServerMeters;
import dev.sandpool.server.session.Sessions;
import dev.sandpool.server.time.Time;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the gateway works with.
 *
 * @param hostHashing a keyed hash in hexadecimal digits, for the hosts that sessions have of their
 *     own; null: they have none
 * @param sessionTokens tokens for one session each; null: there are none
 * @param notes who is told of each request; null: nobody
 * @param audit where allocations, stops and refusals are noted
 * @param fallback who answers requests that name no pool, where management shares the address;
 *     null: 404
 * @param meters where what concerns no pool is counted
 * @param traffic where it is known what was forwarded to each sandbox
 */
public record GatewayParts(
    Sessions<SandboxConnections> sessions,
    PoolDirectory pools,
    TokenCheck tokens,
    Time time,
    @Nullable UnaryOperator<String> hostHashing,
    @Nullable SessionTokens sessionTokens,
    @Nullable RequestNotes notes,
    Audit audit,
    @Nullable Handler<HttpServerRequest> fallback,
    ServerMeters meters,
    TrafficMeters traffic) {

  /** Parts without an access log, an audit and hosts of sessions. */
  public GatewayParts(
      Sessions<SandboxConnections> sessions,
      PoolDirectory pools,
      TokenCheck tokens,
      Time time,
      @Nullable Handler<HttpServerRequest> fallback) {
    this(
        sessions,
        pools,
        tokens,
        time,
        null,
        null,
        null,
        Audit.NONE,
        fallback,
        new Metrics().server(),
        new TrafficMeters());
  }
}
