package dev.sandpool.server.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.server.time.Time;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections that come all at once must not take an event loop from those that are there. */
class CallerGateTest {
  private static final int MANY = 10 * CallerGate.MOST_ARRIVING;

  private final EventLoopGroup acceptor = loop();
  private final EventLoopGroup loop = loop();
  private final AtomicInteger accepted = new AtomicInteger();
  private final List<Socket> callers = new ArrayList<>();
  private volatile boolean spoiled;
  private volatile boolean sluggish;
  private Channel listening;

  private static EventLoopGroup loop() {
    return new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  }

  @BeforeEach
  void listen() throws Exception {
    var bounds = new CallerBounds(GatewaySettings.Callers.defaults(), 1, Time.system());
    var listener =
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            var gate = new CallerGate(bounds, TrustedProxies.NONE, Time.system());
            channel.pipeline().addLast(gate, new Count());
          }
        };
    var greeter =
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            long since = System.nanoTime();
            while (sluggish && System.nanoTime() - since < 200_000) {
              Thread.onSpinWait();
            }
            channel
                .writeAndFlush(Unpooled.copiedBuffer("!", US_ASCII))
                .addListener(ChannelFutureListener.CLOSE);
          }
        };
    listening =
        new ServerBootstrap()
            .group(acceptor, loop)
            .channel(EpollServerSocketChannel.class)
            .handler(listener)
            .childHandler(greeter)
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
  }

  private final class Count extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object child) {
      accepted.incrementAndGet();
      if (spoiled) {
        ((Channel) child).unsafe().closeForcibly();
      }
      context.fireChannelRead(child);
    }
  }

  @AfterEach
  void close() throws Exception {
    for (Socket caller : callers) {
      caller.close();
    }
    listening.close().sync();
    acceptor.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
    loop.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
  }

  private void manyCall() throws Exception {
    int port = ((InetSocketAddress) listening.localAddress()).getPort();
    for (int i = 0; i < MANY; i++) {
      var caller = new Socket(InetAddress.getLoopbackAddress(), port);
      caller.setSoTimeout(30_000);
      callers.add(caller);
    }
  }

  @Test
  void connectionsWaitOutsideUntilTheirLoopHasTimeAndThenAllAreServed() throws Exception {
    var go = new CountDownLatch(1);
    Future<?> busy =
        loop.submit(
            () -> {
              go.await();
              return null;
            });

    manyCall();
    await().until(() -> !listening.config().isAutoRead());

    assertThat(accepted).hasValue(CallerGate.MOST_ARRIVING);
    go.countDown();
    busy.get();
    for (Socket caller : callers) {
      assertThat(caller.getInputStream().read()).isEqualTo('!');
    }
    assertThat(accepted).hasValue(MANY);
  }

  @Test
  void connectionsThatEndBeforeTheirLoopHasThemDoNotShutTheGate() throws Exception {
    spoiled = true;
    manyCall();
    await().until(() -> accepted.get() == MANY);

    spoiled = false;
    manyCall();

    assertThat(callers.getLast().getInputStream().read()).isEqualTo('!');
  }

  @Test
  void moreThanACrowdThatTakesTheLoopsLongLeavesThemToOthersForLonger() {
    assertThat(CallerGate.pauseNanos(CallerGate.CROWD + 1, 2_000_000)).isZero();
    assertThat(CallerGate.pauseNanos(CallerGate.CROWD + 1, 3_000_000)).isEqualTo(12_000_000);
    assertThat(CallerGate.pauseNanos(CallerGate.CROWD + 1, 60_000_000_000L)).isEqualTo(100_000_000);
    assertThat(CallerGate.pauseNanos(CallerGate.CROWD, 60_000_000_000L)).isZero();
  }

  @Test
  void floodIsLetInAfterItsPausesToo() throws Exception {
    sluggish = true;
    while (callers.size() < 2 * CallerGate.CROWD) {
      manyCall();
    }

    for (Socket caller : callers) {
      assertThat(caller.getInputStream().read()).isEqualTo('!');
    }
  }
}
