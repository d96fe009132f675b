package dev.sandpool.server.gateway;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a proxy says of a connection before anything else (PROXY protocol, version 1 or 2): from
 * then on the connection is its caller's. One that does not begin so is closed: what it says could
 * come from a caller that was let through by mistake.
 */
final class ProxyHeader extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(ProxyHeader.class);

  private final Predicate<String> caller;

  /**
   * @param caller told the caller's address; says whether that may have a connection
   */
  private ProxyHeader(Predicate<String> caller) {
    this.caller = caller;
  }

  /** Expects the header on a connection, directly behind that handler. */
  static void expect(ChannelPipeline pipeline, ChannelHandler behind, Predicate<String> caller) {
    String name = pipeline.context(behind).name();
    pipeline.addAfter(name, "proxy-header", new ProxyHeader(caller));
    pipeline.addAfter(name, "proxy-decoder", new HAProxyMessageDecoder());
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object read) {
    if (!(read instanceof HAProxyMessage message)) {
      context.fireChannelRead(read);
      return;
    }
    try {
      SocketAddress source = source(message);
      if (source != null) {
        if (!caller.test(source.host())) {
          context.close();
          return;
        }
        context.channel().attr(ConnectionBase.REMOTE_ADDRESS_OVERRIDE).set(source);
      }
    } finally {
      message.release();
    }
    context.pipeline().remove(this);
  }

  /** Null where the proxy speaks for itself (its health checks), or of no internet address. */
  private static @Nullable SocketAddress source(HAProxyMessage message) {
    String address = message.sourceAddress();
    return address == null || address.startsWith("/")
        ? null
        : SocketAddress.inetSocketAddress(message.sourcePort(), address);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    log.debug("{} speaks no PROXY protocol", context.channel().remoteAddress(), cause);
    context.close();
  }
}
