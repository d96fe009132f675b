package dev.sandpool.server.gateway;

import io.netty.channel.Channel;
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
  private final TrustedProxies proxies;
  private @Nullable Future<?> deadline;
  private @Nullable String counted;

  private CallerArrival(CallerBounds bounds, TrustedProxies proxies) {
    this.bounds = bounds;
    this.proxies = proxies;
  }

  /** Looks after a connection that has just been accepted, before anybody else meets it. */
  static void await(Channel accepted, CallerBounds bounds, TrustedProxies proxies) {
    accepted.pipeline().addLast(NAME, new CallerArrival(bounds, proxies));
  }

  /** That connection has said what it wants; whoever knows it looks after it from now on. */
  static void hasBegun(Channel channel) {
    if (channel.pipeline().get(NAME) instanceof CallerArrival arrival) {
      arrival.endDeadline();
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
    if (proxies.proxyProtocol() && proxies.include(address)) {
      ProxyHeader.expect(context.pipeline(), this, this::countInstead);
    }
    context.fireChannelActive();
  }

  /** It is the caller's from now on, not the proxy's. */
  private boolean countInstead(String address) {
    String before = counted;
    if (before != null) {
      counted = null;
      bounds.close(before);
    }
    if (!bounds.open(address)) {
      return false;
    }
    counted = address;
    return true;
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
