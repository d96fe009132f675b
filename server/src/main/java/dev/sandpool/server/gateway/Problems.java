package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmError;
import dev.sandpool.model.ArmException;
import dev.sandpool.model.Json;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Answers with an error: the ARM envelope, its code also as {@code x-ms-error-code}. */
final class Problems {
  private static final int LEAVE_SECONDS = 1;

  private final String challenge;

  /**
   * @param authority where tokens come from, or null
   */
  Problems(@Nullable String authority) {
    this.challenge =
        authority == null ? "Bearer" : "Bearer authorization_uri=\"" + authority + "\"";
  }

  /** Answers, if the head of an answer has not gone out and the caller is still there. */
  void send(HttpServerRequest request, RequestId id, ArmException problem) {
    send(request, id, problem.status(), problem.error());
  }

  /** The same, with a hint when to come back. */
  void sendRetry(HttpServerRequest request, RequestId id, ArmException problem, int seconds) {
    if (open(request.response())) {
      request.response().putHeader("Retry-After", Integer.toString(seconds));
    }
    send(request, id, problem);
  }

  /** The same, and the last that the connection carries. */
  void sendLast(HttpServerRequest request, RequestId id, ArmException problem, int seconds) {
    HttpServerResponse response = request.response();
    if (request.version() == HttpVersion.HTTP_2) {
      sendRetry(request, id, problem, seconds);
      leave(request.connection());
    } else if (open(response)) {
      response.endHandler(ended -> request.connection().close());
      response.putHeader("Connection", "close");
      sendRetry(request, id, problem, seconds);
    }
  }

  /** Some clients forget the answer that they have read last when the connection ends behind it. */
  private static void leave(HttpConnection connection) {
    ChannelHandlerContext context = ((HttpServerConnection) connection).channelHandlerContext();
    if (context.handler() instanceof Http2ConnectionHandler http2) {
      int last = http2.connection().remote().lastStreamCreated();
      long code = Http2Error.NO_ERROR.code();
      http2.goAway(context, last, code, Unpooled.EMPTY_BUFFER, context.newPromise());
      context.flush();
    }
    context.executor().schedule(() -> connection.shutdown(), LEAVE_SECONDS, TimeUnit.SECONDS);
  }

  private void send(HttpServerRequest request, RequestId id, int status, ArmError error) {
    HttpServerResponse response = request.response();
    if (!open(response)) {
      return;
    }
    response.setStatusCode(status);
    if (status == 401) {
      response.putHeader("WWW-Authenticate", challenge);
    }
    response
        .putHeader("Content-Type", "application/json; charset=utf-8")
        .putHeader("x-ms-error-code", error.code())
        .putHeader(Names.REQUEST_ID, id.toString());
    end(request, Json.MAPPER.writeValueAsString(error.envelope()));
  }

  /**
   * Ends an answer of ours. A caller that waits to be told to send its body may send it after all
   * or go on with another request; which of the two comes cannot be told, so the connection closes.
   */
  static void end(HttpServerRequest request, String body) {
    HttpServerResponse response = request.response();
    boolean alone = request.version() != HttpVersion.HTTP_2;
    if (alone && request.headers().contains("Expect")) {
      response.putHeader("Connection", "close");
      response.end(body).onComplete(ended -> request.connection().close());
    } else {
      response.end(body);
      if (!request.isEnded()) {
        request.resume();
      }
    }
  }

  private static boolean open(HttpServerResponse response) {
    return !response.headWritten() && !response.ended() && !response.closed();
  }
}
