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
    private final PoolPlace place;
    private final List<HttpServerResponse> underWay = new ArrayList<>(1);
    private long idleSinceNanos;

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

  /** A connection has said what it wants. */
  void opened(HttpConnection connection) {
    Channel channel = ((HttpServerConnection) connection).channelHandlerContext().channel();
    CallerArrival.hasBegun(channel);
    var place = new PoolPlace(bounds);
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

  /** A request has come in over one of them. */
  void began(HttpServerRequest request) {
    Open open = all.get(request.connection());
    if (open != null) {
      if (!open.underWay.isEmpty()) {
        open.isIdle();
      }
      open.underWay.add(request.response());
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
      } else if (now - open.idleSinceNanos >= bounds.idleNanos()) {
        idle = with(idle, entry.getKey());
      }
    }
    if (idle != null) {
      idle.forEach(HttpConnection::close);
    }
  }

  private static List<HttpConnection> with(
      @Nullable List<HttpConnection> some, HttpConnection one) {
    List<HttpConnection> all = some == null ? new ArrayList<>() : some;
    all.add(one);
    return all;
  }
}
