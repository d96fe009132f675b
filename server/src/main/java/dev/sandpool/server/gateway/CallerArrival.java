package dev.sandpool.server.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A caller's connection from the moment it is accepted: counted until it is closed, whatever
 * becomes of it, and closed where it has not said within the idle time what it wants. Vert.x tells
 * of a connection only then: after the handshake, or with the first whole request head.
 */
final class CallerArrival extends ChannelInboundHandlerAdapter {
  private static final String NAME = "arrival";

  private final CallerBounds bounds;
  private @Nullable Future<?> deadline;
  private @Nullable String counted;

  private CallerArrival(CallerBounds bounds) {
    this.bounds = bounds;
  }

  /** What stands in a listening channel and meets each connection before anybody else. */
  static ChannelHandler gate(CallerBounds bounds) {
    return new Gate(bounds);
  }

  /** That connection has said what it wants; whoever knows it looks after it from now on. */
  static void hasBegun(Channel channel) {
    if (channel.pipeline().get(NAME) instanceof CallerArrival arrival) {
      arrival.endDeadline();
    }
  }

  @ChannelHandler.Sharable
  private static final class Gate extends ChannelInboundHandlerAdapter {
    private final CallerBounds bounds;

    private Gate(CallerBounds bounds) {
      this.bounds = bounds;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
      if (accepted instanceof Channel channel) {
        channel.pipeline().addLast(NAME, new CallerArrival(bounds));
      }
      context.fireChannelRead(accepted);
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    String address = address(context.channel().remoteAddress());
    if (!bounds.open(address)) {
      context.close();
      return;
    }
    counted = address;
    deadline =
        context
            .executor()
            .schedule(() -> context.close(), bounds.idleNanos(), TimeUnit.NANOSECONDS);
    context.fireChannelActive();
  }

  /** One of no host (a UNIX socket) counts as one of its own kind. */
  private static String address(SocketAddress remote) {
    return remote instanceof InetSocketAddress internet
        ? internet.getAddress().getHostAddress()
        : "";
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    endDeadline();
    String address = counted;
    if (address != null) {
      counted = null;
      bounds.close(address);
    }
    context.fireChannelInactive();
  }

  private void endDeadline() {
    Future<?> waiting = deadline;
    if (waiting != null) {
      deadline = null;
      waiting.cancel(false);
    }
  }
}
