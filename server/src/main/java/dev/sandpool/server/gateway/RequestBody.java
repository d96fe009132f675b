package dev.sandpool.server.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The bodies of HTTP/1.1 requests where they come from the decoder: Vert.x copies what it hands
 * over, and does not hand over trailers (RFC 9112, 7.1.2). Stands in the pipeline of a connection
 * from its first request with a body on; others pay nothing for it. Keeps the trailers of one
 * request: of several that were sent without waiting for answers, earlier ones may be lost.
 */
final class RequestBody extends ChannelInboundHandlerAdapter {
  private static final String NAME = "body";

  private final ChannelPipeline pipeline;
  private HttpHeaders current;
  private long passed;
  private boolean paused;
  private @Nullable Consumer<ByteBuf> taker;
  private @Nullable HttpHeaders owner;
  private @Nullable HttpHeaders trailers;

  private RequestBody(ChannelPipeline pipeline, HttpHeaders current) {
    this.pipeline = pipeline;
    this.current = current;
  }

  /** To be called while the head of a request is being handled, before its body comes. */
  static void expect(HttpServerRequest request, HttpHeaders head) {
    ChannelPipeline pipeline = pipeline(request);
    if (pipeline.get(NAME) == null) {
      pipeline.addBefore("handler", NAME, new RequestBody(pipeline, head));
    }
  }

  /**
   * Hands what is still to come of a body over as it is, to be released by who takes it; that it
   * has ended is still told by Vert.x.
   *
   * @param head of that request, the very same object
   * @param received bytes that Vert.x has handed over; it must hold none back, or they would come
   *     too late
   * @return where it can be paused; null if it goes on through Vert.x
   */
  @SuppressWarnings("ReferenceEquality")
  static @Nullable RequestBody divert(
      HttpServerRequest request, HttpHeaders head, long received, Consumer<ByteBuf> taker) {
    if (!(pipeline(request).get(NAME) instanceof RequestBody body)
        || body.current != head
        || body.passed != received) {
      return null;
    }
    body.taker = taker;
    return body;
  }

  /** The trailers of the request with that head, the very same object; null if there were none. */
  @SuppressWarnings("ReferenceEquality")
  static @Nullable HttpHeaders trailers(HttpServerRequest request, HttpHeaders head) {
    if (!(pipeline(request).get(NAME) instanceof RequestBody seen) || seen.owner != head) {
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

  /** Reads no more of the body than what has arrived. */
  void pause() {
    if (taker != null) {
      paused = true;
      pipeline.channel().config().setAutoRead(false);
    }
  }

  /** Goes on. Where Vert.x has stopped reads, because requests wait for others, they stay so. */
  void resume() {
    if (paused) {
      paused = false;
      pipeline.channel().config().setAutoRead(true);
    }
  }

  /** Nobody takes the rest of the body: Vert.x has it, as it has what comes after. */
  void leave() {
    taker = null;
    resume();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpRequest head) {
      current = head.headers();
      passed = 0;
      taker = null;
    }
    if (message instanceof HttpContent content && content.decoderResult().isSuccess()) {
      read(context, content);
    } else {
      context.fireChannelRead(message);
    }
  }

  private void read(ChannelHandlerContext context, HttpContent content) {
    LastHttpContent last = content instanceof LastHttpContent end ? end : null;
    if (last != null && !last.trailingHeaders().isEmpty()) {
      owner = current;
      trailers = last.trailingHeaders();
    }
    Consumer<ByteBuf> to = taker;
    if (to == null) {
      passed += content.content().readableBytes();
      context.fireChannelRead(content);
      return;
    }
    if (content.content().isReadable()) {
      to.accept(content.content());
    } else {
      content.release();
    }
    if (last != null) {
      leave();
      context.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
    }
  }
}
