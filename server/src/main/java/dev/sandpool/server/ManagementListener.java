package dev.sandpool.server;

import dev.sandpool.server.config.ListenAddress;
import dev.sandpool.server.gateway.TlsIdentity;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The listener of management and tokens where they have an address of their own. */
final class ManagementListener implements AutoCloseable {
  private final HttpServer server;

  private ManagementListener(HttpServer server) {
    this.server = server;
  }

  /**
   * Opens the port; blocks.
   *
   * @param tls null: without TLS
   * @throws IOException if it cannot be bound
   */
  static ManagementListener open(
      Vertx vertx,
      ListenAddress address,
      @Nullable TlsIdentity tls,
      Handler<HttpServerRequest> handler)
      throws IOException {
    HttpServer server = vertx.createHttpServer(options(tls)).requestHandler(handler);
    try {
      server.listen(address.port(), address.host()).await();
    } catch (RuntimeException e) {
      throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
    }
    return new ManagementListener(server);
  }

  private static HttpServerOptions options(@Nullable TlsIdentity tls) {
    var options = new HttpServerOptions();
    return tls == null ? options : tls.secure(options);
  }

  /** The port that was bound. */
  int port() {
    return server.actualPort();
  }

  /** From now on new connections get this certificate; those that are open go on. */
  void renew(TlsIdentity identity) {
    server.updateSSLOptions(options(identity).getSslOptions(), true).await();
  }

  @Override
  public void close() {
    server.close().await();
  }
}
