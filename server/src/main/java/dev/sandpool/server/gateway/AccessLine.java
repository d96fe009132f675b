package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the access log says of one request; made on the event loop, put into words elsewhere. Times
 * are of the monotonic clock; 0 where it did not come to that.
 *
 * @param version null where the caller named one that is none
 * @param callersId what the caller itself calls the request
 * @param traceparent a valid one of the caller
 * @param outcome {@code answered}, {@code upgraded}, {@code refused}, {@code cut} or {@code left}
 * @param code of an answer of ours
 * @param known when its caller was known; that it arrived stands in its id
 * @param claim how long the claim took that allocated its sandbox
 * @param started when it had a sandbox
 * @param sent when it had a connection
 * @param head when the head of the answer came
 * @param ended when it was over
 */
record AccessLine(
    RequestId id,
    @Nullable CharSequence callersId,
    @Nullable CharSequence traceparent,
    String outcome,
    @Nullable String pool,
    @Nullable String identifier,
    String method,
    String target,
    @Nullable HttpVersion version,
    int status,
    @Nullable String code,
    long known,
    long claim,
    long started,
    long sent,
    long head,
    long ended) {
  private static final String REFUSED = "refused";

  /** Of a request that was known to be for a session. */
  static AccessLine of(
      PoolRequest incoming,
      String outcome,
      int status,
      @Nullable String code,
      long claim,
      long started,
      long sent,
      long head,
      long ended) {
    return new AccessLine(
        incoming.id(),
        incoming.headers().callersId(),
        incoming.headers().traceparent(),
        outcome,
        incoming.route().name(),
        incoming.key().identifier(),
        incoming.request().method().name(),
        incoming.target(),
        incoming.request().version(),
        status,
        code,
        incoming.knownNanos(),
        claim,
        started,
        sent,
        head,
        ended);
  }

  /** Of one that got no sandbox. */
  static AccessLine refused(PoolRequest incoming, ArmException problem, long now) {
    return of(incoming, REFUSED, problem.status(), problem.error().code(), 0, 0, 0, 0, now);
  }

  /** Of a request that did not come as far as to a session. */
  static AccessLine refused(
      HttpServerRequest request, RequestId id, ArmException problem, long now) {
    MultiMap headers = request.headers();
    String callersId = headers.get("x-ms-client-request-id");
    List<String> traces = headers.getAll("traceparent");
    boolean traced = traces.size() == 1 && Traceparent.isValid(traces.getFirst());
    return new AccessLine(
        id,
        callersId == null ? headers.get("x-request-id") : callersId,
        traced ? traces.getFirst() : null,
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
        0,
        now);
  }
}
