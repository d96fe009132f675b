package dev.sandpool.server.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayDeque;
import java.util.List;

/**
 * Requests of a caller that has not read what it was answered before: they wait until it has. In
 * the pipeline of a connection only while one waits, and gone with it. Used on one event loop only.
 */
final class UnreadAnswers extends ChannelInboundHandlerAdapter {
  private static final String NAME = "unread";

  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>(1);

  private UnreadAnswers() {}

  /**
   * Has a request wait, and its body with it.
   *
   * @param channel its connection, which takes nothing now
   * @param told when it takes something again
   */
  static void hold(HttpServerRequest request, Channel channel, Runnable told) {
    if (announcesBody(request)) {
      request.pause();
    }
    ChannelPipeline pipeline = channel.pipeline();
    if (!(pipeline.get(NAME) instanceof UnreadAnswers)) {
      pipeline.addFirst(NAME, new UnreadAnswers());
    }
    if (pipeline.get(NAME) instanceof UnreadAnswers unread) {
      unread.waiting.add(told);
    }
  }

  private static boolean announcesBody(HttpServerRequest request) {
    return request.version() == HttpVersion.HTTP_2
        ? !CallerStreams.endsWithHead(request)
        : request.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
            || request.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    // Asked first: others may fill it again at once, and who waits would wait for ever.
    boolean writable = context.channel().isWritable();
    context.fireChannelWritabilityChanged();
    if (writable) {
      List<Runnable> all = List.copyOf(waiting);
      context.pipeline().remove(this);
      all.forEach(Runnable::run);
    }
  }
}
