package dev.sandpool.server;

import dev.sandpool.server.config.ListenAddress;
import dev.sandpool.server.config.ServerSettings;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * The URLs under which this server is reached: as configured, else as bound. Known only once the
 * ports are open, since port 0 means any.
 */
final class Endpoints {
  private final ServerSettings settings;
  private volatile @Nullable URI dataPlane;
  private volatile @Nullable URI management;

  Endpoints(ServerSettings settings) {
    this.settings = settings;
  }

  void bound(int dataPort, int managementPort) {
    dataPlane = settings.publicUrl().orElse(url(scheme(), settings.listen().withPort(dataPort)));
    management = settings.oneListener() ? dataPlane : managementAt(managementPort);
  }

  /** Whether pools answer by host name as well. */
  boolean byHost() {
    return settings.domain().isPresent();
  }

  /** Base of pool endpoints, without a slash at its end. */
  URI dataPlane() {
    return known(dataPlane);
  }

  /** Base of management and authority, without a slash at its end. */
  URI management() {
    return known(management);
  }

  private static URI known(@Nullable URI url) {
    if (url == null) {
      throw new IllegalStateException("asked for a URL before the port is open");
    }
    return url;
  }

  /** Management's own address, once its port is known. */
  URI managementAt(int port) {
    String scheme = settings.managementTls().isPresent() ? "https" : "http";
    return url(scheme, settings.managementListen().withPort(port));
  }

  /** The port of the data plane as callers reach it, which may be a proxy's. */
  int callersPort() {
    URI url = dataPlane();
    int standard = url.getScheme().equals("https") ? 443 : 80;
    return url.getPort() < 0 ? standard : url.getPort();
  }

  /** Of the data plane's listener. */
  String scheme() {
    return settings.tls().isPresent() ? "https" : "http";
  }

  private static URI url(String scheme, ListenAddress address) {
    return URI.create(scheme + "://" + address);
  }
}
