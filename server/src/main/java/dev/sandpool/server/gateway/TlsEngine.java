package dev.sandpool.server.gateway;

import io.netty.handler.ssl.OpenSsl;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.SSLEngineOptions;

/**
 * Whose TLS listeners speak: BoringSSL's, which a library brings for glibc on x86-64 and AArch64,
 * and elsewhere the JDK's, with which a request costs twice as much.
 */
final class TlsEngine {
  private TlsEngine() {}

  static SSLEngineOptions best() {
    return OpenSsl.isAvailable() ? new OpenSSLEngineOptions() : new JdkSSLEngineOptions();
  }

  /** For the log: whose it is, and why not the better one. */
  static String title() {
    return OpenSsl.isAvailable()
        ? OpenSsl.versionString()
        : "the JDK's, as BoringSSL cannot be loaded: " + OpenSsl.unavailabilityCause();
  }
}
