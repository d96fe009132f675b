package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * What the access log says of one request; made on the event loop, put into words elsewhere. Times
 * are of the monotonic clock; 0 where it did not come to that.
 *
 * @param outcome {@code answered}, {@code upgraded}, {@code refused}, {@code cut} or {@code left}
 * @param code of an answer of ours
 * @param arrived when its head had been read and its caller was known
 * @param started when it had a sandbox
 * @param sent when it had a connection
 * @param head when the head of the answer came
 * @param ended when it was over
 */
record AccessLine(
    RequestId id,
    String outcome,
    @Nullable String pool,
    @Nullable String identifier,
    String method,
    String target,
    HttpVersion version,
    int status,
    @Nullable String code,
    long arrived,
    long started,
    long sent,
    long head,
    long ended) {
  private static final String REFUSED = "refused";

  /** Of a request that was known to be for a session. */
  static AccessLine refused(PoolRequest incoming, ArmException problem, long now) {
    return new AccessLine(
        incoming.id(),
        REFUSED,
        incoming.route().name(),
        incoming.key().identifier(),
        incoming.request().method().name(),
        incoming.target(),
        incoming.request().version(),
        problem.status(),
        problem.error().code(),
        incoming.arrivedNanos(),
        0,
        0,
        0,
        now);
  }

  /** Of a request that did not come as far as to a session. */
  static AccessLine refused(
      HttpServerRequest request, RequestId id, ArmException problem, long now) {
    return new AccessLine(
        id,
        REFUSED,
        null,
        null,
        request.method().name(),
        request.uri(),
        request.version(),
        problem.status(),
        problem.error().code(),
        0,
        0,
        0,
        0,
        now);
  }
}
