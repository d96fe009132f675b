package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sandpool.server.certs.CertificateName;
import dev.sandpool.server.certs.DevelopmentAuthority;
import dev.sandpool.server.time.Time;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tokens are asked for there: whoever listens between must read none, and strangers must not take
 * the descriptors that sessions need.
 */
class BoundedListenerTest {
  private static final Duration IDLE = Duration.ofMillis(1500);

  @TempDir private Path folder;
  private Vertx vertx;

  @BeforeEach
  void open() {
    vertx = GatewayVertx.create(1);
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
    try (var listener = open(first, request -> request.response().end(request.path()));
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
    try (var listener = open(identity, request -> request.response().end());
        HttpClient client = HttpClient.newHttpClient()) {
      assertThatThrownBy(() -> get(client, "localhost", listener.port()))
          .isInstanceOf(SSLException.class);
    }
  }

  private BoundedListener open(@Nullable TlsIdentity tls, Handler<HttpServerRequest> handler)
      throws IOException {
    var callers = new GatewaySettings.Callers(IDLE, 3, 3, 3, 600, 0);
    return BoundedListener.open(vertx, "127.0.0.1", 0, tls, callers, Time.system(), handler);
  }

  private static final String REQUEST = "GET /x HTTP/1.1\r\nHost: x\r\n\r\n";

  @Test
  void callersWhoSayNothingOrTakeTheirTimeAreLeft_andOneWhoWaitsForItsAnswerIsNot()
      throws Exception {
    var asked = new CompletableFuture<HttpServerRequest>();
    try (var listener = open(null, asked::complete);
        var silent = new RawCaller(listener.port());
        var slow = new RawCaller(listener.port());
        var waiting = new RawCaller(listener.port())) {
      slow.send("GET / HTTP/1.1\r\nX: ");
      waiting.send(REQUEST);
      HttpServerRequest request = asked.get(20, TimeUnit.SECONDS);

      assertThat(silent.isCut()).isTrue();
      assertThat(slow.isCut()).isTrue();
      try (var later = new RawCaller(listener.port())) {
        assertThat(later.isCut()).isTrue();
      }
      assertThat(waiting.isClosed()).isFalse();
      request.response().end("at last");
      assertThat(waiting.receive().body()).isEqualTo("at last");
      assertThat(waiting.isCut()).as("unused since").isTrue();
    }
  }

  @Test
  void oneConnectionTooManyIsClosedAtOnce_andThereIsRoomWhenOthersGo() throws Exception {
    try (var listener = open(null, request -> request.response().end("ok"))) {
      var first = new RawCaller(listener.port());
      try (first;
          var second = new RawCaller(listener.port());
          var third = new RawCaller(listener.port());
          var fourth = new RawCaller(listener.port())) {
        assertThat(fourth.isCut()).isTrue();
        assertThat(third.send(REQUEST).receive().body()).isEqualTo("ok");
        assertThat(second.send(REQUEST).receive().body()).isEqualTo("ok");
      }
      await()
          .ignoreException(IOException.class)
          .untilAsserted(
              () -> {
                try (var next = new RawCaller(listener.port())) {
                  assertThat(next.send(REQUEST).receive().body()).isEqualTo("ok");
                }
              });
    }
  }

  @Test
  void portThatIsTakenIsSaid() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var callers = GatewaySettings.Callers.defaults();
      int port = taken.getLocalPort();

      assertThatThrownBy(
              () ->
                  BoundedListener.open(
                      vertx, "127.0.0.1", port, null, callers, Time.system(), request -> {}))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("cannot listen on 127.0.0.1:" + port);
    }
  }
}
