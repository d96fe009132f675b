package dev.sandpool.server.workload;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection of a sandbox that asks for a token: one request, one answer, the end. */
final class DoorConnection extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(DoorConnection.class);

  private final Executor threads;
  private final Desk desk;
  private boolean asked;

  DoorConnection(Executor threads, Desk desk) {
    this.threads = threads;
    this.desk = desk;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    if (asked) {
      return; // What comes after the first request is not read any more.
    }
    asked = true;
    if (request.decoderResult().isFailure()) {
      send(context, Reply.refused(400, "this is not a request in HTTP/1.1"));
      return;
    }
    Desk.Question question;
    try {
      var uri = new QueryStringDecoder(request.uri(), StandardCharsets.UTF_8, true, 32);
      question =
          new Desk.Question(
              request.method().name(),
              uri.path(),
              uri.parameters(),
              request.headers().getAll("X-IDENTITY-HEADER"));
    } catch (IllegalArgumentException _) {
      send(context, Reply.refused(400, "the request's target is not a URL"));
      return;
    }
    threads.execute(() -> send(context, answer(question)));
  }

  private Reply answer(Desk.Question question) {
    try {
      return desk.answer(question);
    } catch (RuntimeException e) {
      LOG.error("a sandbox's request for a token failed", e);
      return Reply.refused(500, "the server failed");
    }
  }

  private static void send(ChannelHandlerContext context, Reply reply) {
    ByteBuf body = Unpooled.copiedBuffer(reply.json(), StandardCharsets.UTF_8);
    var response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(reply.status()), body);
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, "application/json; charset=utf-8")
        .set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes())
        .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
        .set(HttpHeaderNames.CONNECTION, "close");
    if (reply.retryAfter() > 0) {
      response.headers().set(HttpHeaderNames.RETRY_AFTER, reply.retryAfter());
    }
    context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }

  /** A caller that breaks off, or says nothing, is no event. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("a sandbox's connection ended: {}", cause.toString());
    context.close();
  }
}
