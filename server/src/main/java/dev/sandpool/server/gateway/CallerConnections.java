package dev.sandpool.server.gateway;

import dev.sandpool.server.time.Time;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The callers' connections of one event loop. One over which no whole request head comes for a
 * while, and none is under way, is closed: it costs a descriptor, and one who sends a head byte by
 * byte is not told from one who sends nothing. What was written to a caller before is waited for as
 * long as it takes some of it. Used on its loop only.
 */
final class CallerConnections {
  /** For a reset to go out to who was cut because they take nothing. */
  private static final int DEAF_SECONDS = 1;

  private final CallerBounds bounds;
  private final Time time;
  private final long patienceNanos;
  private final IdentityHashMap<HttpConnection, Open> all = new IdentityHashMap<>();

  /**
   * @param patience how long a caller may take nothing of what is the last that it is sent
   */
  CallerConnections(CallerBounds bounds, Time time, Duration patience) {
    this.bounds = bounds;
    this.time = time;
    this.patienceNanos = patience.toNanos();
  }

  /** One connection: whose it is, what is under way, and since when nothing is. */
  private static final class Open {
    private final PoolPlace place;
    private final List<HttpServerResponse> underWay = new ArrayList<>(1);
    private long idleSinceNanos;
    private boolean ending;
    private long unsent;

    private Open(PoolPlace place, long now) {
      this.place = place;
      this.idleSinceNanos = now;
    }

    private boolean isIdle() {
      for (int i = underWay.size() - 1; i >= 0; i--) {
        HttpServerResponse response = underWay.get(i);
        if (response.ended() || response.closed()) {
          underWay.remove(i);
        }
      }
      return underWay.isEmpty();
    }
  }

  /**
   * Ends a connection as soon as its caller has taken what was written to it, or takes no more.
   * Vert.x waits for the former alone, for ever.
   */
  void end(HttpConnection connection) {
    Open open = all.get(connection);
    if (open != null && !open.ending) {
      open.ending = true;
      open.idleSinceNanos = time.nanos();
      open.unsent = unsent(connection);
    }
    connection.close();
  }

  /**
   * Ends a connection at once, or of HTTP/2 that stream of it: what its caller has not taken is
   * thrown away.
   */
  void cut(HttpServerRequest request) {
    ChannelHandlerContext context = context(request.connection());
    if (context.handler() instanceof Http2ConnectionHandler http2) {
      int stream = Math.toIntExact(request.streamId());
      http2.resetStream(context, stream, Http2Error.CANCEL.code(), context.newPromise());
      context.flush();
      endUnlessReset(request, DEAF_SECONDS);
    } else {
      closeNow(context.channel());
    }
  }

  /**
   * What waits to be sent of a stream that was reset goes when the reset has gone out. Where that
   * takes longer, its caller takes nothing at all, and the connection ends.
   */
  void endUnlessReset(HttpServerRequest request, int seconds) {
    ChannelHandlerContext context = context(request.connection());
    int stream = Math.toIntExact(request.streamId());
    if (context.handler() instanceof Http2ConnectionHandler http2
        && http2.connection().stream(stream) != null) {
      context
          .executor()
          .schedule(
              () -> {
                if (http2.connection().stream(stream) != null) {
                  closeNow(context.channel());
                }
              },
              seconds,
              TimeUnit.SECONDS);
    }
  }

  /** Past all who would see to a proper end: TLS waits 3 s for it, Vert.x for the last byte. */
  static void closeNow(Channel channel) {
    ChannelHandlerContext first = channel.pipeline().firstContext();
    if (first == null) {
      channel.close();
    } else {
      first.close();
    }
  }

  private static long unsent(HttpConnection connection) {
    ChannelOutboundBuffer waiting = context(connection).channel().unsafe().outboundBuffer();
    return waiting == null ? 0 : waiting.totalPendingWriteBytes();
  }

  private static ChannelHandlerContext context(HttpConnection connection) {
    return ((HttpServerConnection) connection).channelHandlerContext();
  }

  /** A connection has said what it wants. */
  void opened(HttpConnection connection) {
    Channel channel = context(connection).channel();
    CallerArrival.hasBegun(channel);
    var place = new PoolPlace(bounds, connection.protocolVersion() == HttpVersion.HTTP_2);
    // Not told by Vert.x, which knows nothing of a connection that has been upgraded.
    channel.closeFuture().addListener(place);
    all.put(connection, new Open(place, time.nanos()));
    connection.closeHandler(closed -> all.remove(connection));
  }

  /** Its place among those of pools; null for one that has been closed. */
  @Nullable PoolPlace place(HttpConnection connection) {
    Open open = all.get(connection);
    return open == null ? null : open.place;
  }

  /**
   * Whether the caller of a request has yet to read what it was answered before, and the request
   * therefore has to wait: answers must not pile up for one who only sends.
   */
  boolean isUnread(HttpServerRequest request) {
    return all.containsKey(request.connection())
        && !context(request.connection()).channel().isWritable();
  }

  /** Has a request wait, with its body; told when its caller has read, never if it leaves. */
  void hold(HttpServerRequest request, Runnable told) {
    UnreadAnswers.hold(request, context(request.connection()).channel(), told);
  }

  /** A request that came in over one of them is being handled. */
  void began(HttpServerRequest request, long now) {
    Open open = all.get(request.connection());
    if (open != null) {
      if (!open.underWay.isEmpty()) {
        open.isIdle();
      }
      open.underWay.add(request.response());
      open.idleSinceNanos = now;
    }
  }

  /** It has become something else than a connection for requests. */
  void upgraded(HttpConnection connection) {
    all.remove(connection);
  }

  /** Ends those over which nothing has come for too long, and cuts those that take no more. */
  void closeIdle() {
    long now = time.nanos();
    List<HttpConnection> idle = null;
    List<HttpConnection> deaf = null;
    for (Map.Entry<HttpConnection, Open> entry : all.entrySet()) {
      HttpConnection connection = entry.getKey();
      Open open = entry.getValue();
      if (open.ending) {
        deaf = isDeaf(connection, open, now) ? with(deaf, connection) : deaf;
      } else if (!open.isIdle()) {
        open.idleSinceNanos = now;
      } else if (now - open.idleSinceNanos >= bounds.idleNanos()) {
        idle = with(idle, connection);
      }
    }
    if (idle != null) {
      idle.forEach(this::end);
    }
    if (deaf != null) {
      // Past Vert.x, which would wait for the last byte.
      deaf.forEach(connection -> context(connection).close());
    }
  }

  private boolean isDeaf(HttpConnection connection, Open open, long now) {
    long unsent = unsent(connection);
    if (unsent != open.unsent) {
      open.unsent = unsent;
      open.idleSinceNanos = now;
    }
    return now - open.idleSinceNanos >= patienceNanos;
  }

  private static List<HttpConnection> with(
      @Nullable List<HttpConnection> some, HttpConnection one) {
    List<HttpConnection> all = some == null ? new ArrayList<>() : some;
    all.add(one);
    return all;
  }
}
