package dev.sandpool.server.gateway;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import org.jspecify.annotations.Nullable;

/**
 * The trailers of chunked HTTP/1.1 requests (RFC 9112, 7.1.2), which Vert.x does not hand over.
 * Stands in the pipeline of a connection from its first chunked request on; others pay nothing for
 * it. Keeps those of one request: of several that were sent without waiting for answers, earlier
 * trailers may be lost.
 */
final class RequestTrailers extends ChannelInboundHandlerAdapter {
  private static final String NAME = "trailers";

  private HttpHeaders current;
  private @Nullable HttpHeaders owner;
  private @Nullable HttpHeaders trailers;

  private RequestTrailers(HttpHeaders current) {
    this.current = current;
  }

  /** To be called while the head of a chunked request is being handled, before its body comes. */
  static void expect(HttpServerRequest request, HttpHeaders head) {
    ChannelPipeline pipeline = pipeline(request);
    if (pipeline.get(NAME) == null) {
      pipeline.addBefore("handler", NAME, new RequestTrailers(head));
    }
  }

  /** The trailers of the request with that head, the very same object; null if there were none. */
  @SuppressWarnings("ReferenceEquality")
  static @Nullable HttpHeaders take(HttpServerRequest request, HttpHeaders head) {
    if (!(pipeline(request).get(NAME) instanceof RequestTrailers seen) || seen.owner != head) {
      return null;
    }
    HttpHeaders taken = seen.trailers;
    seen.owner = null;
    seen.trailers = null;
    return taken;
  }

  private static ChannelPipeline pipeline(HttpServerRequest request) {
    return ((HttpServerConnection) request.connection()).channelHandlerContext().pipeline();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpRequest head) {
      current = head.headers();
    } else if (message instanceof LastHttpContent last && !last.trailingHeaders().isEmpty()) {
      owner = current;
      trailers = last.trailingHeaders();
    }
    context.fireChannelRead(message);
  }
}
