package dev.sandpool.server.gateway;

import dev.sandpool.server.linux.TimeSlice;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One event loop's server. */
final class GatewayLoop extends VerticleBase {
  private static final int SWEEPS = 16;

  /** Of one connection of HTTP/2 at a time. */
  private static final int STREAMS = 100;

  /**
   * Bytes that all streams of a connection of HTTP/2 may hold back together, each as much as it may
   * alone: a sandbox that does not read holds up its own stream and none of its caller's others.
   */
  private static final int CONNECTION_WINDOW = STREAMS * Http2Settings.DEFAULT_INITIAL_WINDOW_SIZE;

  /** Bytes of a request's body that are handed on at once, at most: as many as one read brings. */
  private static final int PIECE = 64 * 1024;

  private static final long UNUSED_SWEEP_MILLIS = 10_000;

  private final GatewaySettings settings;
  private final GatewayParts parts;
  private final CallerBounds callers;
  private final Trail trail;
  private final @Nullable TlsIdentity tls;
  private final String host;
  private final int port;
  private volatile @Nullable HttpServer server;
  private volatile @Nullable String id;

  /**
   * @param port negative for any free one, shared by all loops that are given the same number
   */
  GatewayLoop(
      GatewaySettings settings,
      GatewayParts parts,
      CallerBounds callers,
      Trail trail,
      @Nullable TlsIdentity tls,
      String host,
      int port) {
    this.settings = settings;
    this.parts = parts;
    this.callers = callers;
    this.trail = trail;
    this.tls = tls;
    this.host = host;
    this.port = port;
  }

  @Override
  public Future<?> start() {
    TimeSlice.shorten();
    GatewaySettings.Limits limits = settings.limits();
    var client =
        vertx.createNetClient(
            new NetClientOptions().setConnectTimeout((int) limits.connect().toMillis()));
    var loop =
        new Loop(
            context, client, limits, parts.time(), callers, parts.notes(), trail, parts.traffic());
    var handler = new GatewayHandler(loop, settings, parts);
    // A pool may have a shorter limit than the gateway's: a second late is late enough.
    long period = Math.clamp(limits.idleStream().toMillis() / SWEEPS, 100, 1000);
    var lag = new LoopLag(parts.meters().loopLag(), period, parts.time().nanos());
    vertx.setPeriodic(
        period,
        ignored -> {
          lag.tick(parts.time().nanos());
          loop.endStalled();
        });
    vertx.setPeriodic(UNUSED_SWEEP_MILLIS, ignored -> loop.closeUnused());
    long idle = Math.clamp(limits.callers().idleConnection().toMillis() / SWEEPS, 50, 5000);
    vertx.setPeriodic(idle, ignored -> loop.connections().closeIdle());
    id = context.deploymentID();
    HttpServer fresh =
        vertx
            .createHttpServer(options(limits.headerBytes(), tls))
            .connectionHandler(
                connection -> {
                  loop.connections().opened(connection);
                  CallerStreams.watch(connection);
                  RequestBody.watch(connection);
                })
            .requestHandler(handler)
            .invalidRequestHandler(handler::handleInvalid);
    server = fresh;
    return fresh.listen(port, host);
  }

  private static HttpServerOptions options(int headerBytes, @Nullable TlsIdentity tls) {
    var options = options(headerBytes);
    return tls == null ? options : tls.secure(options);
  }

  Future<Boolean> renew(TlsIdentity identity) {
    HttpServer listening = server;
    if (listening == null) {
      return Future.succeededFuture(false);
    }
    ServerSSLOptions ssl = options(settings.limits().headerBytes(), identity).getSslOptions();
    return listening.updateSSLOptions(ssl, true);
  }

  private static HttpServerOptions options(int headerBytes) {
    return new HttpServerOptions()
        .setInitialSettings(
            new Http2Settings().setMaxConcurrentStreams(STREAMS).setMaxHeaderListSize(headerBytes))
        .setHttp2ConnectionWindowSize(CONNECTION_WINDOW)
        .setHttp2ClearTextEnabled(true)
        // Answers are written on their event loop only: no queue for each connection.
        .setStrictThreadMode(true)
        .setPerFrameWebSocketCompressionSupported(false)
        .setPerMessageWebSocketCompressionSupported(false)
        .setMaxChunkSize(PIECE)
        .setMaxInitialLineLength(headerBytes)
        .setMaxHeaderSize(headerBytes);
  }

  int port() {
    HttpServer listening = server;
    return listening == null ? 0 : listening.actualPort();
  }

  @Nullable String id() {
    return id;
  }

  Future<Void> drain(Duration atMost) {
    HttpServer listening = server;
    return listening == null ? Future.succeededFuture() : listening.shutdown(atMost);
  }
}
