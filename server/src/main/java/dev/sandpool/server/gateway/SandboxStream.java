package dev.sandpool.server.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One stream of an HTTP/2 connection to a sandbox, for one exchange; never used again. A sandbox is
 * a hostile server: what is out of order resets the stream. Used on its event loop only.
 */
final class SandboxStream extends ChannelInboundHandlerAdapter implements SandboxLink {
  private static final String CHUNKED = "chunked";

  private final StreamConnection home;
  private final Channel channel;
  private @Nullable Listener listener;
  private boolean headSeen;
  private boolean ended;
  private boolean sent;

  SandboxStream(StreamConnection home, Channel channel) {
    this.home = home;
    this.channel = channel;
  }

  @Override
  public void attach(Listener exchange, boolean headOnly) {
    listener = exchange;
  }

  @Override
  public void detach(boolean reusable) {
    listener = null;
    if (!ended || !sent) {
      channel.close(); // Resets it.
    }
  }

  @Override
  public void unused() {
    channel.close();
  }

  @Override
  public void writeHead(HeadBuffer scratch, PoolRequest incoming, boolean whole) {
    sent = whole;
    channel.writeAndFlush(new DefaultHttp2HeadersFrame(StreamHead.of(incoming), whole));
  }

  @Override
  public void writeBody(ByteBuf bytes, boolean chunked) {
    channel.writeAndFlush(new DefaultHttp2DataFrame(bytes));
  }

  @Override
  public void writeEnd(boolean chunked, @Nullable HttpHeaders trailers) {
    sent = true;
    Http2Headers last = trailers == null ? null : StreamHead.trailers(trailers);
    channel.writeAndFlush(
        last == null || last.isEmpty()
            ? new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true)
            : new DefaultHttp2HeadersFrame(last, true));
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

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    Listener exchange = listener;
    if (exchange != null && message instanceof Http2HeadersFrame frame) {
      readHeaders(exchange, frame);
    } else if (exchange != null && message instanceof Http2DataFrame frame && headSeen) {
      readData(exchange, frame);
    } else {
      ReferenceCountUtil.release(message);
      if (message instanceof Http2DataFrame) {
        malformed("a body without a head");
      }
    }
  }

  private void readHeaders(Listener exchange, Http2HeadersFrame frame) {
    if (headSeen) {
      if (frame.isEndStream()) {
        ended = true;
        exchange.end(Unpooled.EMPTY_BUFFER, copy(frame.headers()));
      } else {
        malformed("trailers that are not the last");
      }
      return;
    }
    HttpResponse head = head(frame);
    if (head == null) {
      malformed("status " + frame.headers().status());
    } else if (head.status().code() < 200) {
      exchange.informational(head);
    } else {
      headSeen = true;
      exchange.head(head);
      if (frame.isEndStream() && listener != null) {
        ended = true;
        exchange.end(Unpooled.EMPTY_BUFFER, EmptyHttpHeaders.INSTANCE);
      }
    }
  }

  /** In the form of HTTP/1.1; null if it has no sensible status. */
  private static @Nullable HttpResponse head(Http2HeadersFrame frame) {
    CharSequence text = frame.headers().status();
    if (text == null || text.length() != 3) {
      return null;
    }
    int status;
    try {
      status = Integer.parseInt(text.toString());
    } catch (NumberFormatException e) {
      return null;
    }
    if (status < 100 || status == 101 || (status < 200 && frame.isEndStream())) {
      return null;
    }
    HttpHeaders headers = copy(frame.headers());
    if (status >= 200 && !frame.isEndStream() && !headers.contains("content-length")) {
      headers.set("transfer-encoding", CHUNKED);
    }
    return new DefaultHttpResponse(
        HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), headers);
  }

  private static HttpHeaders copy(Http2Headers from) {
    var headers = new DefaultHttpHeaders();
    for (Map.Entry<CharSequence, CharSequence> entry : from) {
      CharSequence name = entry.getKey();
      if (!name.isEmpty() && name.charAt(0) != ':') {
        headers.add(name, entry.getValue());
      }
    }
    headers.remove("transfer-encoding");
    return headers;
  }

  private void readData(Listener exchange, Http2DataFrame frame) {
    if (frame.isEndStream()) {
      ended = true;
      exchange.end(frame.content(), EmptyHttpHeaders.INSTANCE);
    } else {
      exchange.body(frame.content());
    }
  }

  private void malformed(String what) {
    malformed(new IllegalStateException(what));
  }

  private void malformed(Throwable cause) {
    Listener exchange = listener;
    listener = null;
    channel.close();
    if (exchange != null) {
      exchange.malformed(cause);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    Listener exchange = listener;
    if (exchange != null) {
      exchange.readComplete();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    Listener exchange = listener;
    if (exchange != null && channel.isWritable()) {
      exchange.writable();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    Listener exchange = listener;
    if (exchange != null
        && event instanceof Http2ResetFrame reset
        && reset.errorCode() == Http2Error.CANCEL.code()) {
      listener = null;
      exchange.cancelled();
    } else if (event instanceof Http2ResetFrame) {
      lost();
    }
    ReferenceCountUtil.release(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    home.streamClosed();
    lost();
  }

  private void lost() {
    Listener exchange = listener;
    if (exchange == null) {
      return;
    }
    if (home.speaksHttp2()) {
      listener = null;
      exchange.closed();
    } else {
      malformed("no HTTP/2");
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    malformed(cause);
  }
}
