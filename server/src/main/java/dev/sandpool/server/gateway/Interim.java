package dev.sandpool.server.gateway;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Headers;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.http.impl.headers.Http1xHeaders;
import java.util.Locale;

/**
 * Passes interim answers of a sandbox on to its caller (RFC 9110, 15.2: a proxy forwards them), all
 * but 100, which is said here. Vert.x itself can write 103 alone.
 */
final class Interim {
  private Interim() {}

  /**
   * Whether it is to be passed on: not 100, and not to HTTP/1.0, which knows of no such answers.
   */
  static boolean passes(HttpResponse head, HttpServerRequest request) {
    return !head.status().equals(HttpResponseStatus.CONTINUE)
        && request.version() != io.vertx.core.http.HttpVersion.HTTP_1_0;
  }

  /** Writes it, its headers filtered as those of an answer. */
  static void pass(HttpResponse head, HttpServerRequest request) {
    ChannelHandlerContext context =
        ((HttpServerConnection) request.connection()).channelHandlerContext();
    Http1xHeaders headers = Http1xHeaders.httpHeaders();
    ResponseHead.copyHeaders(head.headers(), headers);
    headers.remove((CharSequence) "Content-Length");
    if (context.handler() instanceof Http2ConnectionHandler http2) {
      http2
          .encoder()
          .writeHeaders(
              context,
              Math.toIntExact(request.streamId()),
              lower(head.status(), headers),
              0,
              false,
              context.newPromise());
      context.flush();
      return;
    }
    context.writeAndFlush(
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            head.status(),
            Unpooled.EMPTY_BUFFER,
            headers,
            EmptyHttpHeaders.INSTANCE));
  }

  private static Http2Headers lower(HttpResponseStatus status, MultiMap headers) {
    var lower = new DefaultHttp2Headers().status(status.codeAsText());
    headers.forEach((name, value) -> lower.add(name.toLowerCase(Locale.ROOT), value));
    return lower;
  }
}
