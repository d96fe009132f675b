package dev.sandpool.server.gateway;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What Vert.x does not hand over of HTTP/2 requests: whether the head is all there is, and
 * trailers. Kept with the stream and gone with it.
 */
final class CallerStreams extends Http2FrameListenerDecorator {
  private static final Set<HttpMethod> BODYLESS =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS, HttpMethod.DELETE);

  private final Http2Connection connection;
  private final Http2Connection.PropertyKey head;
  private final Http2Connection.PropertyKey trailers;

  private CallerStreams(Http2Connection connection, Http2FrameListener listener) {
    super(listener);
    this.connection = connection;
    this.head = connection.newKey();
    this.trailers = connection.newKey();
  }

  /** Looks at all requests of that connection, if it is one of HTTP/2. */
  static void watch(HttpConnection connection) {
    Http2ConnectionHandler http2 = http2(connection);
    if (http2 != null) {
      Http2FrameListener listener = http2.decoder().frameListener();
      http2.decoder().frameListener(new CallerStreams(http2.connection(), listener));
    }
  }

  /**
   * Whether nothing follows the head of that request. The one that a connection was upgraded with
   * came as HTTP/1.1 and does not say; then the method does.
   */
  static boolean endsWithHead(HttpServerRequest request) {
    CallerStreams streams = of(request);
    Http2Stream stream = streams == null ? null : streams.stream(request);
    if (streams == null || stream == null) {
      return false;
    }
    Boolean end = stream.getProperty(streams.head);
    return end == null ? BODYLESS.contains(request.method()) : end;
  }

  /** The trailers of that request; null if none have come. */
  static @Nullable Http2Headers trailers(HttpServerRequest request) {
    CallerStreams streams = of(request);
    Http2Stream stream = streams == null ? null : streams.stream(request);
    return stream == null || streams == null ? null : stream.getProperty(streams.trailers);
  }

  private static @Nullable CallerStreams of(HttpServerRequest request) {
    Http2ConnectionHandler http2 = http2(request.connection());
    return http2 != null && http2.decoder().frameListener() instanceof CallerStreams streams
        ? streams
        : null;
  }

  private static @Nullable Http2ConnectionHandler http2(HttpConnection connection) {
    return ((HttpServerConnection) connection).channelHandlerContext().handler()
            instanceof Http2ConnectionHandler http2
        ? http2
        : null;
  }

  private @Nullable Http2Stream stream(HttpServerRequest request) {
    return connection.stream(Math.toIntExact(request.streamId()));
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context, int streamId, Http2Headers headers, int padding, boolean end)
      throws Http2Exception {
    note(streamId, headers, end);
    super.onHeadersRead(context, streamId, headers, padding, end);
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context,
      int streamId,
      Http2Headers headers,
      int streamDependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean end)
      throws Http2Exception {
    note(streamId, headers, end);
    super.onHeadersRead(
        context, streamId, headers, streamDependency, weight, exclusive, padding, end);
  }

  private void note(int streamId, Http2Headers headers, boolean end) {
    Http2Stream stream = connection.stream(streamId);
    if (stream == null) {
      return;
    }
    if (stream.getProperty(head) == null) {
      stream.setProperty(head, end);
    } else if (end) {
      stream.setProperty(trailers, headers);
    }
  }
}
