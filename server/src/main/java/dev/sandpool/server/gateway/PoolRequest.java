package dev.sandpool.server.gateway;

import dev.sandpool.server.ledger.SessionKey;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * A request that is meant for a session: who asks is known, what is asked for was checked.
 *
 * @param principal who asks
 * @param target what the sandbox is asked for: the application's part of path and query, untouched
 * @param forwarded where it came from by the word of a proxy; null: from who sent it
 * @param upgrade the protocol to change to, or null
 * @param knownNanos when its caller was known, on the monotonic clock
 * @param only the one sandbox that may answer it; null: any of the session's
 * @param claims how many sandboxes were claimed for it and turned out useless
 */
record PoolRequest(
    HttpServerRequest request,
    RequestHeaders headers,
    RequestId id,
    PoolRoute route,
    SessionKey key,
    String principal,
    String target,
    @Nullable Forwarded forwarded,
    @Nullable CharSequence upgrade,
    long knownNanos,
    @Nullable OnlySandbox only,
    int claims) {

  /** The same request, about to cost one claim more. */
  PoolRequest withAnotherClaim() {
    return new PoolRequest(
        request,
        headers,
        id,
        route,
        key,
        principal,
        target,
        forwarded,
        upgrade,
        knownNanos,
        only,
        claims + 1);
  }
}
