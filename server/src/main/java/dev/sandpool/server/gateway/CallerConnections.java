package dev.sandpool.server.gateway;

import dev.sandpool.server.time.Time;
import io.netty.channel.Channel;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The callers' connections of one event loop. One over which no whole request head comes for a
 * while, and none is under way, is closed: it costs a descriptor, and one who sends a head byte by
 * byte is not told from one who sends nothing. Used on its loop only.
 */
final class CallerConnections {
  private final CallerBounds bounds;
  private final Time time;
  private final IdentityHashMap<HttpConnection, Open> all = new IdentityHashMap<>();

  CallerConnections(CallerBounds bounds, Time time) {
    this.bounds = bounds;
    this.time = time;
  }

  /** One connection: whose it is, what is under way, and since when nothing is. */
  private static final class Open {
    private final Channel channel;
    private final PoolPlace place;
    private final List<HttpServerResponse> underWay = new ArrayList<>(1);
    private long idleSinceNanos;
    private boolean ending;

    private Open(Channel channel, PoolPlace place, long now) {
      this.channel = channel;
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

  /** A connection has said what it wants. */
  void opened(HttpConnection connection) {
    Channel channel = ((HttpServerConnection) connection).channelHandlerContext().channel();
    CallerArrival.hasBegun(channel);
    var place = new PoolPlace(bounds);
    // Not told by Vert.x, which knows nothing of a connection that has been upgraded.
    channel.closeFuture().addListener(place);
    all.put(connection, new Open(channel, place, time.nanos()));
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
    Open open = all.get(request.connection());
    return open != null && !open.channel.isWritable();
  }

  /** Has a request wait, with its body; told when its caller has read, never if it leaves. */
  void hold(HttpServerRequest request, Runnable told) {
    Open open = all.get(request.connection());
    if (open != null) {
      UnreadAnswers.hold(request, open.channel, told);
    }
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

  /**
   * Closes one as soon as its caller has taken what was sent before, and after the idle time in any
   * case: who reads nothing would keep it, with all that waits to be read, for ever.
   */
  void cut(HttpConnection connection) {
    Open open = all.get(connection);
    connection.close();
    if (open != null) {
      open.ending = true;
      Channel channel = open.channel;
      channel
          .eventLoop()
          .schedule(
              () -> channel.unsafe().close(channel.newPromise()),
              bounds.idleNanos(),
              TimeUnit.NANOSECONDS);
    }
  }

  /** It has become something else than a connection for requests. */
  void upgraded(HttpConnection connection) {
    all.remove(connection);
  }

  /** Closes those over which nothing has come for too long. */
  void closeIdle() {
    long now = time.nanos();
    List<HttpConnection> idle = null;
    for (Map.Entry<HttpConnection, Open> entry : all.entrySet()) {
      Open open = entry.getValue();
      if (!open.isIdle()) {
        open.idleSinceNanos = now;
      } else if (!open.ending && now - open.idleSinceNanos >= bounds.idleNanos()) {
        idle = with(idle, entry.getKey());
      }
    }
    if (idle != null) {
      idle.forEach(this::cut);
    }
  }

  private static List<HttpConnection> with(
      @Nullable List<HttpConnection> some, HttpConnection one) {
    List<HttpConnection> all = some == null ? new ArrayList<>() : some;
    all.add(one);
    return all;
  }
}
