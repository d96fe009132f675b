package dev.sandpool.server.workload;

import dev.sandpool.server.engine.IdentityDoor;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;

/**
 * The listening socket of one sandbox. It is bound before its address exists ({@code IP_FREEBIND}),
 * so that the sandbox's first program finds it, and to that address alone: no other one of the
 * host's answers on its port.
 */
final class DoorListener implements AutoCloseable {
  /** A client needs one; they are the sandbox's own to use up. */
  private static final int MOST_CONNECTIONS = 16;

  private static final int LONGEST_LINE = 4096;
  private static final int LONGEST_HEAD = 8192;
  private static final int SLOWEST_SECONDS = 20;

  private final Channel socket;
  private final ChannelGroup connections;

  private DoorListener(Channel socket, ChannelGroup connections) {
    this.socket = socket;
    this.connections = connections;
  }

  /**
   * Begins to listen.
   *
   * @param threads may be blocked
   * @throws IOException if the address is taken, say by a program of the host that listens on all
   */
  static DoorListener open(EventLoopGroup loop, Executor threads, IdentityDoor door, Desk desk)
      throws IOException {
    var connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    InetAddress guest = guest(door);
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loop)
            .channel(EpollServerSocketChannel.class)
            .option(EpollChannelOption.IP_FREEBIND, true)
            .option(ChannelOption.SO_BACKLOG, MOST_CONNECTIONS)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    if (!channel.remoteAddress().getAddress().equals(guest)
                        || connections.size() >= MOST_CONNECTIONS) {
                      channel.close();
                      return;
                    }
                    connections.add(channel);
                    channel
                        .pipeline()
                        .addLast(new ReadTimeoutHandler(SLOWEST_SECONDS))
                        .addLast(new HttpServerCodec(LONGEST_LINE, LONGEST_HEAD, LONGEST_HEAD))
                        .addLast(new HttpObjectAggregator(LONGEST_HEAD))
                        .addLast(new DoorConnection(threads, desk));
                  }
                })
            .bind(new InetSocketAddress(Inet4Address.ofLiteral(door.host()), door.port()))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on %s:%d, where the sandbox would ask for tokens: %s"
              .formatted(door.host(), door.port(), String.valueOf(bound.cause())));
    }
    return new DoorListener(bound.channel(), connections);
  }

  /** A slot is a pair of addresses: the host's, and the next one. */
  private static InetAddress guest(IdentityDoor door) {
    byte[] address = Inet4Address.ofLiteral(door.host()).getAddress();
    address[3] |= 1;
    try {
      return InetAddress.getByAddress(address);
    } catch (java.net.UnknownHostException e) {
      throw new IllegalArgumentException("'" + door.host() + "' is not an IPv4 address", e);
    }
  }

  /** Ends the socket and its connections. */
  @Override
  public void close() {
    socket.close().awaitUninterruptibly();
    connections.close();
  }
}
