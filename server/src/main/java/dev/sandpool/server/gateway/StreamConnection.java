package dev.sandpool.server.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.internal.net.NetSocketInternal;

/**
 * One HTTP/2 connection to a sandbox, known beforehand to speak it (no TLS, no upgrade). Carries as
 * many streams as the sandbox allows, 100 at most. Used on its event loop only.
 */
final class StreamConnection extends ChannelInboundHandlerAdapter {
  private static final int MOST_STREAMS = 100;

  /**
   * Bytes that all streams may hold back together beyond what one may, each as much as that one: a
   * caller that does not read holds up its own stream and none of the others.
   */
  private static final int FURTHER_WINDOWS =
      (MOST_STREAMS - 1) * Http2CodecUtil.DEFAULT_WINDOW_SIZE;

  private final LoopConnections home;
  private final Channel channel;
  private int most = MOST_STREAMS;
  private int active;
  private boolean spoke;
  private boolean leaving;
  private long idleSinceNanos;

  StreamConnection(LoopConnections home, NetSocketInternal socket, int headerBytes, long nowNanos) {
    this.home = home;
    this.channel = socket.channelHandlerContext().channel();
    this.idleSinceNanos = nowNanos;
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addBefore(
        "handler",
        "http2",
        Http2FrameCodecBuilder.forClient()
            .initialSettings(
                Http2Settings.defaultSettings().pushEnabled(false).maxHeaderListSize(headerBytes))
            .build());
    pipeline.addBefore("handler", "streams", new Http2MultiplexHandler(new RefusePushed()));
    pipeline.addBefore("handler", "exchange", this);
    channel.write(new DefaultHttp2WindowUpdateFrame(FURTHER_WINDOWS));
  }

  /** Whether another stream may be opened on it. */
  boolean hasRoom() {
    return !leaving && channel.isActive() && active < most;
  }

  /** Whether no stream has been open on it since then. */
  boolean isUnusedSince(long nanos) {
    return active == 0 && idleSinceNanos - nanos < 0;
  }

  /** Whether the other side has said a word of HTTP/2. */
  boolean speaksHttp2() {
    return spoke;
  }

  /** Opens a stream and hands it over. */
  void open(LoopConnections.Waiter waiter) {
    active++;
    new Http2StreamChannelBootstrap(channel)
        .handler(
            new ChannelInitializer<Http2StreamChannel>() {
              @Override
              protected void initChannel(Http2StreamChannel stream) {
                stream
                    .pipeline()
                    .addLast("exchange", new SandboxStream(StreamConnection.this, stream));
              }
            })
        .open()
        .addListener(
            opened -> {
              if (opened.isSuccess()) {
                var stream = (Http2StreamChannel) opened.getNow();
                waiter.connected((SandboxStream) stream.pipeline().get("exchange"));
              } else {
                active--;
                waiter.notConnected(opened.cause());
              }
            });
  }

  void streamClosed() {
    active--;
    if (active == 0) {
      idleSinceNanos = home.nowNanos();
      if (leaving) {
        close();
      }
    }
  }

  void close() {
    channel.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof Http2SettingsFrame frame) {
      spoke = true;
      Long streams = frame.settings().maxConcurrentStreams();
      most = streams == null ? most : (int) Math.min(streams, MOST_STREAMS);
    } else if (message instanceof Http2GoAwayFrame) {
      leaving = true;
      if (active == 0) {
        close();
      }
    }
    ReferenceCountUtil.release(message);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    home.forget(this);
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    close();
  }

  /** Pushes were forbidden; who sends one all the same is left. */
  private static final class RefusePushed extends ChannelInboundHandlerAdapter {
    @Override
    public boolean isSharable() {
      return true;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.close();
    }
  }
}
