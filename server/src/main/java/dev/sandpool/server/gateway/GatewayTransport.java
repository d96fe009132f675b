package dev.sandpool.server.gateway;

import dev.sandpool.server.time.Time;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandler;
import io.vertx.core.Vertx;
import io.vertx.core.impl.transports.EpollTransport;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.TcpConfig;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Vert.x's epoll, with a gate before each connection that is accepted. Vert.x shows a connection
 * only once it has said what it wants, and one that never does would cost a descriptor for ever.
 */
final class GatewayTransport extends EpollTransport {
  private volatile @Nullable Supplier<ChannelHandler> gates;

  /**
   * From now on ports that are opened on those event loops have a gate.
   *
   * @return false where the event loops are not of this kind
   */
  static boolean guard(Vertx vertx, CallerBounds bounds, TrustedProxies proxies, Time time) {
    if (((VertxInternal) vertx).transport() instanceof GatewayTransport transport) {
      transport.gates = () -> new CallerGate(bounds, proxies, time);
      return true;
    }
    return false;
  }

  @Override
  public void configure(TcpConfig config, boolean domainSocket, ServerBootstrap bootstrap) {
    super.configure(config, domainSocket, bootstrap);
    Supplier<ChannelHandler> guarding = gates;
    if (guarding != null && !domainSocket) {
      bootstrap.handler(guarding.get());
    }
  }
}
