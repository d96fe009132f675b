package dev.sandpool.server;

import dev.sandpool.server.config.ListenAddress;
import dev.sandpool.server.config.ServerSettings;
import dev.sandpool.server.gateway.BoundedListener;
import dev.sandpool.server.gateway.Gateway;
import dev.sandpool.server.gateway.GatewaySettings;
import dev.sandpool.server.gateway.HttpsRedirect;
import dev.sandpool.server.gateway.TlsIdentity;
import dev.sandpool.server.gateway.TlsReload;
import dev.sandpool.server.management.Management;
import dev.sandpool.server.management.MetricsPage;
import dev.sandpool.server.metrics.Metrics;
import dev.sandpool.server.time.Time;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ports of a server, with their certificates, and the URLs that come of them. */
final class Listeners {
  private static final Logger log = LoggerFactory.getLogger(Listeners.class);
  private static final Duration CERTIFICATE_LOOKED_AT = Duration.ofSeconds(10);

  private final ServerSettings config;
  private final GatewaySettings.Callers callers;
  private final Endpoints endpoints;
  private final Vertx vertx;
  private final Time time;
  private final Parts parts;
  private int managementPort;

  /**
   * @param callers what those of each listener may take together
   * @param parts takes over what must be closed
   */
  Listeners(
      ServerSettings config,
      GatewaySettings.Callers callers,
      Endpoints endpoints,
      Vertx vertx,
      Time time,
      Parts parts) {
    this.config = config;
    this.callers = callers;
    this.endpoints = endpoints;
    this.vertx = vertx;
    this.time = time;
    this.parts = parts;
  }

  /** Opens management's own port, where it has one. */
  void openManagement(Management management) throws IOException {
    if (config.oneListener()) {
      return;
    }
    TlsIdentity tls = tls(config.managementTls());
    BoundedListener listener =
        parts.closing("management", open(config.managementListen(), tls, management));
    managementPort = listener.port();
    reload(config.managementTls(), tls, listener::renew);
  }

  /** Where callers get tokens, null where the port is not known before it is open. */
  @Nullable String authorityUrl() {
    Optional<URI> configured = config.publicUrl();
    if (config.oneListener()) {
      int port = config.listen().port();
      return configured
          .map(URI::toString)
          .orElse(port == 0 ? null : endpoints.scheme() + "://" + config.listen());
    }
    return endpoints.managementAt(managementPort).toString();
  }

  /** The certificate that callers of the data plane see; null without TLS. */
  @Nullable TlsIdentity callersTls() throws IOException {
    return tls(config.tls());
  }

  /** Opens the port of the data plane, and the one that sends callers there from plain HTTP. */
  void serve(Gateway gateway, @Nullable TlsIdentity tls, RoutedPools pools) throws IOException {
    ListenAddress address = config.listen();
    if (address.port() != 0) {
      // Callers may be there before start returns, and must not be told that their pool is gone.
      known(address.port(), pools);
    }
    known(gateway.start(address.host(), address.port()), pools);
    reload(config.tls(), tls, gateway::renew);
    ListenAddress plain = config.redirectListen().orElse(null);
    if (plain != null) {
      int to = endpoints.callersPort();
      parts.closing("redirect", HttpsRedirect.open(vertx, plain.host(), plain.port(), to));
    }
  }

  private void known(int port, RoutedPools pools) {
    endpoints.bound(port, config.oneListener() ? port : managementPort);
    pools.refresh();
  }

  /** Shows metrics at an address where no token is asked for. */
  void showMetrics(ListenAddress address, Metrics metrics) throws IOException {
    BoundedListener page = open(address, null, new MetricsPage(metrics));
    parts.closing("metrics page", page);
    log.info("metrics at http://{}/metrics, without a token", address.withPort(page.port()));
  }

  private BoundedListener open(
      ListenAddress address, @Nullable TlsIdentity tls, Handler<HttpServerRequest> handler)
      throws IOException {
    return BoundedListener.open(vertx, address.host(), address.port(), tls, callers, time, handler);
  }

  /** Null without TLS. */
  private @Nullable TlsIdentity tls(Optional<ServerSettings.Tls> configured) throws IOException {
    if (configured.isEmpty()) {
      return null;
    }
    ServerSettings.Tls files = configured.get();
    TlsIdentity identity = TlsIdentity.read(vertx, files.certificate(), files.key(), time.now());
    log.info("TLS with the certificate of {}", identity);
    return identity;
  }

  private void reload(
      Optional<ServerSettings.Tls> configured,
      @Nullable TlsIdentity tls,
      Consumer<TlsIdentity> renewed) {
    if (configured.isPresent() && tls != null) {
      ServerSettings.Tls files = configured.get();
      parts.closing(
          "certificate",
          new TlsReload(
              vertx,
              files.certificate(),
              files.key(),
              tls,
              time::now,
              renewed,
              CERTIFICATE_LOOKED_AT));
    }
  }
}
