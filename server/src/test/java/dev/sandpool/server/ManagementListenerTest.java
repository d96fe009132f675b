package dev.sandpool.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sandpool.server.certs.CertificateName;
import dev.sandpool.server.certs.DevelopmentAuthority;
import dev.sandpool.server.config.ListenAddress;
import dev.sandpool.server.gateway.TlsIdentity;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens are asked for there: whoever listens between must read none. */
class ManagementListenerTest {
  private static final ListenAddress ANY_PORT = ListenAddress.parse("127.0.0.1:0");

  @TempDir private Path folder;
  private Vertx vertx;

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  private TlsIdentity issue(DevelopmentAuthority authority) throws IOException {
    authority.issue(CertificateName.LOOPBACK, 1);
    return TlsIdentity.read(
        vertx, authority.serverCertificate(), authority.serverKey(), Instant.now());
  }

  /** As somebody has it who did what {@code sandpool certs} says. */
  private static SSLContext trusting(Path authority) throws Exception {
    KeyStore keys = KeyStore.getInstance(KeyStore.getDefaultType());
    keys.load(null, null);
    try (InputStream in = Files.newInputStream(authority)) {
      keys.setCertificateEntry(
          "authority", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(keys);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }

  private static String get(HttpClient client, String host, int port) throws Exception {
    var request = HttpRequest.newBuilder(URI.create("https://" + host + ":" + port + "/x")).build();
    return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  @Test
  void whoTrustsTheAuthorityIsAnsweredAndARenewedCertificateIsTakenUp() throws Exception {
    var authority = new DevelopmentAuthority(folder, Instant.now());
    TlsIdentity first = issue(authority);
    try (var listener =
            ManagementListener.open(
                vertx, ANY_PORT, first, request -> request.response().end(request.path()));
        HttpClient client =
            HttpClient.newBuilder().sslContext(trusting(authority.certificate())).build()) {
      assertThat(get(client, "localhost", listener.port())).isEqualTo("/x");
      listener.renew(issue(authority));
      try (HttpClient later =
          HttpClient.newBuilder().sslContext(trusting(authority.certificate())).build()) {
        assertThat(get(later, "127.0.0.1", listener.port())).isEqualTo("/x");
        assertThat(get(client, "localhost", listener.port())).isEqualTo("/x");
      }
    }
  }

  @Test
  void whoDoesNotTrustItIsNotAnswered() throws Exception {
    TlsIdentity identity = issue(new DevelopmentAuthority(folder, Instant.now()));
    try (var listener =
            ManagementListener.open(
                vertx, ANY_PORT, identity, request -> request.response().end());
        HttpClient client = HttpClient.newHttpClient()) {
      assertThatThrownBy(() -> get(client, "localhost", listener.port()))
          .isInstanceOf(SSLException.class);
    }
  }
}
