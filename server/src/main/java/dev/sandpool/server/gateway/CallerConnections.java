package dev.sandpool.server.gateway;

import dev.sandpool.server.time.Time;
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
  private final long idleNanos;
  private final Time time;
  private final IdentityHashMap<HttpConnection, Open> all = new IdentityHashMap<>();

  CallerConnections(GatewaySettings.Callers limits, Time time) {
    this.idleNanos = limits.idleConnection().toNanos();
    this.time = time;
  }

  /** One connection: what is under way, and since when nothing is. */
  private static final class Open {
    private final List<HttpServerResponse> underWay = new ArrayList<>(1);
    private long idleSinceNanos;

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
    CallerArrival.hasBegun(((HttpServerConnection) connection).channelHandlerContext().channel());
    var open = new Open();
    open.idleSinceNanos = time.nanos();
    all.put(connection, open);
    connection.closeHandler(closed -> all.remove(connection));
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
      } else if (now - open.idleSinceNanos >= idleNanos) {
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
