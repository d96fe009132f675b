package dev.sandpool.server.management;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Predicate;

/**
 * A handler beside the resources, asked before them and without authentication: the authority's
 * endpoints, probes.
 *
 * @param takes whether a request is this handler's; on the event loop, so it must not block
 */
public record Mount(Predicate<HttpServerRequest> takes, Handler<HttpServerRequest> handler) {
  /** Takes the requests whose path begins with {@code prefix}, case-sensitive. */
  public static Mount prefix(String prefix, Handler<HttpServerRequest> handler) {
    return new Mount(
        request -> request.path() != null && request.path().startsWith(prefix), handler);
  }
}
