package dev.sandpool.server.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection to a sandbox. Requests are written as bytes, answers are decoded; at most
 * one exchange has it at a time. What comes while nobody asked for anything closes it: a sandbox is
 * a hostile server. Used on its event loop only.
 *
 * <p>It stands before Vert.x's own handler and keeps everything from it until the connection is
 * upgraded; then it lets everything pass.
 */
final class SandboxConnection extends ChannelInboundHandlerAdapter
    implements SandboxLink, Runnable {
  private static final ByteBuf CRLF = constant("\r\n");

  private static final ByteBuf LAST_CHUNK = constant("0\r\n\r\n");

  /**
   * Bytes of a body that are handed on at once, at most: as many as one read can bring. Each piece
   * wakes the caller, who must be given a processor then: with less, downloads are mostly that.
   */
  private static final int PIECE = 256 * 1024;

  private static final int FIRST_READ = 2048;

  /**
   * Bytes of a body that are worth a system call of their own: what has been sent needs no room.
   */
  private static final int LARGE = 16 * 1024;

  private final LoopConnections home;
  private final Channel channel;
  private @Nullable Listener listener;
  private boolean bodyless;
  private boolean informational;
  private boolean upgraded;
  private boolean idle;
  private boolean flushing;
  private long idleSinceNanos;

  SandboxConnection(LoopConnections home, Channel channel) {
    this.home = home;
    this.channel = channel;
    // Grows with what comes. One read a turn: other connections of the loop wait for no more.
    // Not closed by a write that fails: what the sandbox answered before is still to be read.
    channel
        .config()
        .setAutoClose(false)
        .setRecvByteBufAllocator(new AdaptiveRecvByteBufAllocator(1024, FIRST_READ, PIECE));
  }

  /** The decoder of its answers. */
  ChannelHandler decoder(int headerBytes) {
    var config =
        new HttpDecoderConfig()
            .setMaxHeaderSize(headerBytes)
            .setMaxInitialLineLength(headerBytes)
            .setMaxChunkSize(PIECE);
    return new HttpResponseDecoder(config) {
      @Override
      protected boolean isContentAlwaysEmpty(HttpMessage answer) {
        return bodyless || isSwitch(answer) || super.isContentAlwaysEmpty(answer);
      }
    };
  }

  /** The decoder waits for a body where it takes an upgrade for a draft of 2010. */
  private static boolean isSwitch(HttpMessage answer) {
    return answer instanceof HttpResponse head
        && head.status().code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code();
  }

  @Override
  public void attach(Listener exchange, boolean headOnly) {
    idle = false;
    listener = exchange;
    bodyless = headOnly;
  }

  @Override
  public void detach(boolean reusable) {
    if (listener == null) {
      return;
    }
    listener = null;
    if (reusable && channel.isActive() && channel.isWritable()) {
      resumeReads();
      home.release(this);
    } else {
      close();
    }
  }

  @Override
  public void unused() {
    home.release(this);
  }

  void markIdle(long nowNanos) {
    idle = true;
    idleSinceNanos = nowNanos;
  }

  boolean isIdle() {
    return idle;
  }

  long idleSinceNanos() {
    return idleSinceNanos;
  }

  /** A whole request goes out at once, another with what follows in this turn. */
  @Override
  public void writeHead(HeadBuffer scratch, PoolRequest incoming, boolean whole) {
    HeadBuffer head = RequestHead.write(scratch, incoming);
    if (whole) {
      channel.writeAndFlush(head.copy(channel.alloc()), channel.voidPromise());
    } else {
      channel.write(head.copy(channel.alloc()), channel.voidPromise());
      flushSoon();
    }
  }

  @Override
  public void writeBody(ByteBuf bytes, boolean chunked) {
    int length = bytes.readableBytes();
    if (length == 0) {
      bytes.release();
      return;
    }
    if (chunked) {
      String size = Integer.toHexString(length) + "\r\n";
      channel.write(Unpooled.copiedBuffer(size, StandardCharsets.US_ASCII), channel.voidPromise());
      channel.write(bytes, channel.voidPromise());
      channel.write(CRLF.duplicate(), channel.voidPromise());
    } else {
      channel.write(bytes, channel.voidPromise());
    }
    if (length >= LARGE) {
      channel.flush();
    } else {
      flushSoon();
    }
  }

  @Override
  public void writeEnd(boolean chunked, @Nullable HttpHeaders trailers) {
    if (!chunked) {
      return;
    }
    ByteBuf end = trailers == null ? LAST_CHUNK.duplicate() : lastChunk(trailers);
    channel.write(end, channel.voidPromise());
    flushSoon();
  }

  private static ByteBuf lastChunk(HttpHeaders trailers) {
    var text = new StringBuilder("0\r\n");
    for (Map.Entry<String, String> trailer : trailers) {
      if (!HeaderRules.isForbiddenRequestTrailer(trailer.getKey())) {
        text.append(trailer.getKey()).append(": ").append(trailer.getValue()).append("\r\n");
      }
    }
    return Unpooled.copiedBuffer(text.append("\r\n"), StandardCharsets.ISO_8859_1);
  }

  /** One system call for all that is written in this turn of the event loop. */
  private void flushSoon() {
    if (!flushing) {
      flushing = true;
      channel.eventLoop().execute(this);
    }
  }

  @Override
  public void run() {
    flushing = false;
    channel.flush();
  }

  @Override
  public boolean isWritable() {
    return channel.isWritable();
  }

  @Override
  public void pauseReads() {
    channel.config().setAutoRead(false);
  }

  @Override
  public void resumeReads() {
    if (!channel.config().isAutoRead()) {
      channel.config().setAutoRead(true);
    }
  }

  void close() {
    channel.close();
  }

  /** After an answer 101: the connection, which carries bytes now, paused. Its user closes it. */
  Channel upgrade() {
    listener = null;
    upgraded = true;
    channel.config().setAutoRead(false);
    return channel;
  }

  /** Who takes the bytes is there: what came right behind the answer goes to it. */
  void passOn() {
    channel.pipeline().remove("response");
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    Listener exchange = listener;
    if (upgraded) {
      context.fireChannelRead(message);
    } else if (exchange == null) {
      ReferenceCountUtil.release(message);
      close();
    } else {
      if (message instanceof HttpResponse head) {
        readHead(exchange, head);
      }
      if (message instanceof HttpContent content) {
        readContent(content);
      }
    }
  }

  private void readHead(Listener exchange, HttpResponse head) {
    int status = head.status().code();
    String fault = fault(head, status);
    if (fault != null) {
      listener = null;
      close();
      Throwable cause = head.decoderResult().cause();
      exchange.malformed(cause == null ? new IllegalStateException(fault) : cause);
    } else if (status < 200 && status != 101) {
      informational = true;
      exchange.informational(head);
    } else {
      exchange.head(head);
    }
  }

  /** What of a head two readers could understand in two ways; null: nothing. */
  private @Nullable String fault(HttpResponse head, int status) {
    if (head.decoderResult().isFailure() || status < 100 || status > 999) {
      return "status " + status;
    }
    HttpVersion version = head.protocolVersion();
    if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
      return "version " + version;
    }
    String coding = head.headers().get(HttpHeaderNames.TRANSFER_ENCODING);
    boolean chunkedAlone =
        coding == null
            || (coding.equalsIgnoreCase("chunked")
                && head.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING).size() == 1);
    return chunkedAlone ? null : "transfer coding " + coding;
  }

  private void readContent(HttpContent content) {
    Listener exchange = listener;
    if (exchange == null || informational) {
      informational = false;
      content.release();
    } else if (content.decoderResult().isFailure()) {
      content.release();
      listener = null;
      close();
      exchange.malformed(content.decoderResult().cause());
    } else if (content instanceof LastHttpContent last) {
      exchange.end(last.content(), last.trailingHeaders());
    } else {
      exchange.body(content.content());
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    Listener exchange = listener;
    if (exchange != null) {
      exchange.readComplete();
    }
    context.fireChannelReadComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    Listener exchange = listener;
    if (exchange != null && channel.isWritable()) {
      exchange.writable();
    }
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    home.forget(this);
    Listener exchange = listener;
    listener = null;
    if (exchange != null) {
      exchange.closed();
    }
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (upgraded) {
      context.fireExceptionCaught(cause);
    } else if (!(cause instanceof IOException)) {
      close();
    }
    // A read that fails closes; after a write that fails the answer, or the end, is still read.
  }

  private static ByteBuf constant(String text) {
    return Unpooled.unreleasableBuffer(
            Unpooled.directBuffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII)))
        .asReadOnly();
  }
}
