package dev.sandpool.server.gateway;

import dev.sandpool.server.time.Time;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP listener for something else than pools, on one event loop. Its callers are bounded as
 * those of pools are, and counted apart: whoever can reach it could otherwise take the descriptors
 * that sessions need. Its methods block and are called from anywhere but event loops.
 */
public final class BoundedListener implements AutoCloseable {
  private static final int SWEEPS = 16;

  private final Vertx vertx;
  private final Server server;

  private BoundedListener(Vertx vertx, Server server) {
    this.vertx = vertx;
    this.server = server;
  }

  /**
   * Opens the port.
   *
   * @param port 0 for any free one
   * @param tls null: without TLS
   * @param callers what they may take together
   * @throws IOException if it cannot be bound
   */
  public static BoundedListener open(
      Vertx vertx,
      String host,
      int port,
      @Nullable TlsIdentity tls,
      GatewaySettings.Callers callers,
      Time time,
      Handler<HttpServerRequest> handler)
      throws IOException {
    var bounds = new CallerBounds(callers, 1, time);
    GatewayTransport.guard(vertx, bounds, TrustedProxies.NONE, time);
    var server =
        new Server(
            host,
            port,
            tls,
            new CallerConnections(bounds, time, callers.idleConnection()),
            callers,
            time,
            handler);
    try {
      vertx.deployVerticle(server).await();
    } catch (Exception e) { // Vert.x throws what went wrong, checked or not.
      throw new IOException("cannot listen on " + host + ":" + port + ": " + e.getMessage(), e);
    }
    return new BoundedListener(vertx, server);
  }

  /** The port that was bound. */
  public int port() {
    return server.listening().actualPort();
  }

  /** From now on new connections get this certificate; those that are open go on. */
  public void renew(TlsIdentity identity) {
    server.listening().updateSSLOptions(options(identity).getSslOptions(), true).await();
  }

  private static HttpServerOptions options(@Nullable TlsIdentity tls) {
    var options = new HttpServerOptions();
    return tls == null ? options : tls.secure(options);
  }

  @Override
  public void close() {
    vertx.undeploy(server.deploymentID()).await();
  }

  /** What is done on its event loop. */
  private static final class Server extends VerticleBase {
    private final String host;
    private final int port;
    private final @Nullable TlsIdentity tls;
    private final CallerConnections connections;
    private final long sweepMillis;
    private final Time time;
    private final Handler<HttpServerRequest> handler;
    private volatile @Nullable HttpServer listening;

    Server(
        String host,
        int port,
        @Nullable TlsIdentity tls,
        CallerConnections connections,
        GatewaySettings.Callers callers,
        Time time,
        Handler<HttpServerRequest> handler) {
      this.host = host;
      this.port = port;
      this.tls = tls;
      this.connections = connections;
      this.sweepMillis = Math.clamp(callers.idleConnection().toMillis() / SWEEPS, 50, 5000);
      this.time = time;
      this.handler = handler;
    }

    @Override
    public Future<?> start() {
      vertx.setPeriodic(sweepMillis, ignored -> connections.closeIdle());
      HttpServer fresh =
          vertx
              .createHttpServer(options(tls))
              .connectionHandler(connections::opened)
              .requestHandler(this::take);
      listening = fresh;
      return fresh.listen(port, host);
    }

    private void take(HttpServerRequest request) {
      connections.began(request, time.nanos());
      handler.handle(request);
    }

    HttpServer listening() {
      return Objects.requireNonNull(listening, "not opened");
    }
  }
}
