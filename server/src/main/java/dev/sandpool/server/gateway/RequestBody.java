package dev.sandpool.server.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The bodies of HTTP/1.1 requests where they come from the decoder: Vert.x copies what it hands
 * over, and does not hand over trailers (RFC 9112, 7.1.2). Stands in the pipeline of a connection
 * from its beginning: a request that is sent without waiting for the answer before it is read, with
 * its trailers, while nobody handles it yet.
 */
final class RequestBody extends ChannelInboundHandlerAdapter {
  private static final String NAME = "body";

  private final ChannelPipeline pipeline;
  private final ArrayDeque<Trailers> trailers = new ArrayDeque<>(0);
  private @Nullable HttpHeaders current;
  private long passed;
  private boolean paused;
  private @Nullable Consumer<ByteBuf> taker;

  private RequestBody(ChannelPipeline pipeline) {
    this.pipeline = pipeline;
  }

  /**
   * What came after a body.
   *
   * @param head of its request
   */
  record Trailers(HttpHeaders head, HttpHeaders all) {}

  /** Looks at all requests of that connection, if it is one of HTTP/1.1. */
  static void watch(HttpConnection connection) {
    ChannelHandlerContext vertx = ((HttpServerConnection) connection).channelHandlerContext();
    if (!(vertx.handler() instanceof Http2ConnectionHandler)) {
      ChannelPipeline pipeline = vertx.pipeline();
      pipeline.addBefore(vertx.name(), NAME, new RequestBody(pipeline));
    }
  }

  /**
   * To be called for every request while its head is being handled, before its body comes and
   * whether it will be refused or not: those before it are over, and nobody will ask for their
   * trailers.
   */
  @SuppressWarnings("ReferenceEquality")
  static void expect(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2
        || !(pipeline(request).get(NAME) instanceof RequestBody body)) {
      return;
    }
    HttpHeaders head = (HttpHeaders) request.headers();
    if (body.current == null) {
      body.current = head; // The first of a connection was read before anybody looked at it.
    }
    if (body.trailers.isEmpty()) {
      return;
    }
    if (body.isKept(head)) {
      body.forgetBefore(head);
    } else if (body.current == head) {
      body.trailers.clear();
    }
  }

  /** What comes over the connection of that request from now on is no HTTP any more. */
  static void unwatch(HttpServerRequest request) {
    ChannelPipeline pipeline = pipeline(request);
    if (pipeline.get(NAME) != null) {
      pipeline.remove(NAME);
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
  static @Nullable HttpHeaders trailers(HttpServerRequest request, HttpHeaders head) {
    if (!(pipeline(request).get(NAME) instanceof RequestBody body) || !body.isKept(head)) {
      return null;
    }
    body.forgetBefore(head);
    return body.trailers.remove().all;
  }

  @SuppressWarnings("ReferenceEquality")
  private boolean isKept(HttpHeaders head) {
    for (Trailers kept : trailers) {
      if (kept.head == head) {
        return true;
      }
    }
    return false;
  }

  /** Answers go out in the order of their requests. */
  @SuppressWarnings("ReferenceEquality")
  private void forgetBefore(HttpHeaders head) {
    while (trailers.element().head != head) {
      trailers.remove();
    }
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
    HttpHeaders head = current;
    if (last != null && head != null && !last.trailingHeaders().isEmpty()) {
      trailers.add(new Trailers(head, last.trailingHeaders()));
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
