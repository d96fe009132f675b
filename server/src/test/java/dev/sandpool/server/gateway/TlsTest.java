package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TlsTest {
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

  private TlsIdentity identity() throws IOException {
    return TlsIdentity.read(
        vertx, folder.resolve("cert.pem"), folder.resolve("key.pem"), Instant.now());
  }

  private GatewayBed bed() throws Exception {
    TestCertificate.write(folder, "first");
    var bed = new GatewayBed(identity());
    bed.sandbox(
        (request, in, out) ->
            StubSandbox.respond(out, request.header("X-Forwarded-Proto").getFirst()));
    return bed;
  }

  private static SSLContext trusting() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new TrustAll()}, null);
    return context;
  }

  private static SSLSocket connect(GatewayBed bed, String version) throws Exception {
    SSLSocket socket =
        (SSLSocket) trusting().getSocketFactory().createSocket("127.0.0.1", bed.port());
    socket.setEnabledProtocols(new String[] {version});
    socket.startHandshake();
    return socket;
  }

  private static String name(SSLSocket socket) throws Exception {
    return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
        .getSubjectX500Principal()
        .getName();
  }

  private static String ask(SSLSocket socket) throws Exception {
    send(socket, GatewayBed.request("GET", "/?identifier=abcd", ""));
    return StubSandbox.readHead(socket.getInputStream()).getFirst()
        + " "
        + new String(socket.getInputStream().readNBytes(5), StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @CsvSource({"HTTP_1_1", "HTTP_2"})
  void callerChoosesTheProtocol(HttpClient.Version version) throws Exception {
    try (GatewayBed bed = bed();
        HttpClient client =
            HttpClient.newBuilder().sslContext(trusting()).version(version).build()) {
      HttpResponse<String> answer =
          client.send(request(bed, "/?identifier=abcd"), HttpResponse.BodyHandlers.ofString());

      assertThat(answer.version()).isEqualTo(version);
      assertThat(answer.body()).isEqualTo("https");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void currentVersionsAreSpoken(String version) throws Exception {
    try (GatewayBed bed = bed();
        SSLSocket socket = connect(bed, version)) {
      assertThat(socket.getSession().getProtocol()).isEqualTo(version);
      assertThat(ask(socket)).isEqualTo("HTTP/1.1 200 OK https");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"})
  void oldCiphersAreNotSpoken(String cipher) throws Exception {
    try (GatewayBed bed = bed();
        SSLSocket socket =
            (SSLSocket) trusting().getSocketFactory().createSocket("127.0.0.1", bed.port())) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      socket.setEnabledCipherSuites(new String[] {cipher});

      assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
    }
  }

  @Test
  void whoSpeaksWithoutTlsIsLeft() throws Exception {
    try (GatewayBed bed = bed()) {
      RawCaller caller = bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", ""));

      assertThat(caller.isCut()).isTrue();
    }
  }

  @Test
  void renewedCertificateIsGivenToNewConnectionsAndOpenOnesGoOn() throws Exception {
    try (GatewayBed bed = bed();
        TlsReload reload =
            new TlsReload(
                vertx,
                folder.resolve("cert.pem"),
                folder.resolve("key.pem"),
                identity(),
                Instant::now,
                bed.gateway()::renew,
                Duration.ofMillis(50));
        SSLSocket old = connect(bed, "TLSv1.3")) {
      assertThat(name(old)).isEqualTo("CN=first");

      TestCertificate.write(folder, "second");

      await().until(() -> newName(bed).equals("CN=second"));
      assertThat(ask(old)).startsWith("HTTP/1.1 200");
      Files.writeString(folder.resolve("cert.pem"), "half of a");
      assertThat(newName(bed)).isEqualTo("CN=second");
      assertThat(reload).isNotNull();
    }
  }

  @Test
  void whatIsUnderWayWhenACertificateIsRenewedGoesOn() throws Exception {
    var go = new CountDownLatch(1);
    try (GatewayBed bed = bed()) {
      try (SSLSocket first = connect(bed, "TLSv1.3")) {
        assertThat(ask(first)).isEqualTo("HTTP/1.1 200 OK https");
      }
      bed.sandbox(
          (request, in, out) -> {
            if (request.header("Upgrade").isEmpty()) {
              StubSandbox.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst");
              go.await();
              StubSandbox.write(out, " last");
            } else {
              StubSandbox.write(
                  out, "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n");
              in.transferTo(out);
            }
          });
      try (SSLSocket stream = connect(bed, "TLSv1.3");
          SSLSocket upgraded = connect(bed, "TLSv1.2");
          HttpClient client =
              HttpClient.newBuilder()
                  .sslContext(trusting())
                  .version(HttpClient.Version.HTTP_2)
                  .build()) {
        send(stream, GatewayBed.request("GET", "/?identifier=other", ""));
        StubSandbox.readHead(stream.getInputStream());
        send(
            upgraded,
            GatewayBed.request(
                "GET", "/?identifier=other", "Upgrade: x\r\nConnection: Upgrade\r\n"));
        assertThat(StubSandbox.readHead(upgraded.getInputStream()).getFirst()).contains("101");
        HttpResponse<InputStream> stream2 =
            client.send(
                request(bed, "/?identifier=other"), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(stream2.version()).isEqualTo(HttpClient.Version.HTTP_2);

        TestCertificate.write(folder, "second");
        bed.gateway().renew(identity());

        assertThat(newName(bed)).isEqualTo("CN=second");
        go.countDown();
        assertThat(new String(stream.getInputStream().readNBytes(10), StandardCharsets.US_ASCII))
            .isEqualTo("first last");
        assertThat(new String(stream2.body().readAllBytes(), StandardCharsets.US_ASCII))
            .isEqualTo("first last");
        send(upgraded, "echo");
        assertThat(new String(upgraded.getInputStream().readNBytes(4), StandardCharsets.US_ASCII))
            .isEqualTo("echo");
      }
    }
  }

  private static void send(SSLSocket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static HttpRequest request(GatewayBed bed, String rest) {
    return HttpRequest.newBuilder(
            URI.create("https://localhost:" + bed.port() + GatewayBed.BASE + rest))
        .header("Authorization", "Bearer " + GatewayBed.TOKEN)
        .build();
  }

  private static String newName(GatewayBed bed) throws Exception {
    try (SSLSocket socket = connect(bed, "TLSv1.3")) {
      return name(socket);
    }
  }

  @Test
  void badFilesAreSaidByName() throws Exception {
    Path cert = folder.resolve("cert.pem");
    Path key = folder.resolve("key.pem");
    assertThatThrownBy(this::identity).hasMessage(cert + ": no such file");

    TestCertificate.write(folder, "other");
    String otherKey = Files.readString(key);
    TestCertificate.write(folder, "first");
    String itsKey = Files.readString(key);
    assertThat(identity()).hasToString("CN=first, valid until " + identity().expiresAt());

    Files.writeString(key, otherKey);
    assertThatThrownBy(this::identity)
        .hasMessage(key + ": is not the key of the certificate in " + cert);
    Files.writeString(key, "nothing of use");
    assertThatThrownBy(this::identity).hasMessageStartingWith(key + ": holds no private key");
    Files.writeString(key, itsKey);
    Files.writeString(cert, "nothing of use");
    assertThatThrownBy(this::identity).hasMessageStartingWith(cert + ": holds no PEM certificate");

    TestCertificate.write(folder, "old", "-startdate", "-10d", "-validity", "5");
    assertThatThrownBy(this::identity).hasMessageStartingWith(cert + ": expired at ");
    TestCertificate.write(folder, "early", "-startdate", "+5d", "-validity", "5");
    assertThatThrownBy(this::identity).hasMessageStartingWith(cert + ": not valid before ");
    TestCertificate.write(folder, "rsa", "-keyalg", "RSA");
    assertThat(List.of(identity().toString())).allMatch(text -> text.startsWith("CN=rsa"));
  }

  private static final class TrustAll extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] c, String t, java.net.Socket s) {}

    @Override
    public void checkServerTrusted(X509Certificate[] c, String t, java.net.Socket s) {}

    @Override
    public void checkClientTrusted(X509Certificate[] c, String t, javax.net.ssl.SSLEngine e) {}

    @Override
    public void checkServerTrusted(X509Certificate[] c, String t, javax.net.ssl.SSLEngine e) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
