package dev.sandpool.server.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.credential.AccessToken;
import com.azure.core.credential.TokenCredential;
import com.azure.core.credential.TokenRequestContext;
import com.azure.core.http.HttpClient;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.identity.ClientCertificateCredentialBuilder;
import com.azure.identity.ClientSecretCredentialBuilder;
import dev.sandpool.server.certs.CertificateName;
import dev.sandpool.server.certs.DevelopmentAuthority;
import dev.sandpool.server.gateway.TestCertificate;
import dev.sandpool.server.secret.DataKey;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The official azure-identity library, unmodified, gets tokens over TLS with a certificate of the
 * development authority.
 */
@SuppressWarnings("NullAway.Init") // the fields are set before each test
class AzureIdentityTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private final Vertx vertx = Vertx.vertx();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private DevelopmentAuthority certificates;
  private Identity identity;
  private HttpServer server;
  private HttpClient client;

  @BeforeEach
  void serve() throws Exception {
    certificates = new DevelopmentAuthority(directory.resolve("certs"), Instant.now());
    certificates.issue(CertificateName.LOOPBACK, 30);
    identity =
        Identity.open(
            new Identity.Places(
                directory.resolve("signing.key"),
                directory.resolve("principals.json"),
                directory.resolve("admin.json"),
                directory.resolve("registry.key")),
            DataKey.of(new byte[32]),
            new TokenRules(Duration.ofHours(1), Duration.ofDays(90), Duration.ofSeconds(60), false),
            this::base,
            Instant::now);
    var endpoints = new AuthorityEndpoints(identity.authority(), threads, Identities.desk(600));
    var pem =
        new PemKeyCertOptions()
            .setCertPath(certificates.serverCertificate().toString())
            .setKeyPath(certificates.serverKey().toString());
    server =
        vertx
            .createHttpServer(new HttpServerOptions().setSsl(true).setKeyCertOptions(pem))
            .requestHandler(endpoints)
            .listen(0, "127.0.0.1")
            .await(30, TimeUnit.SECONDS);
    client =
        new JdkHttpClientBuilder(
                java.net.http.HttpClient.newBuilder().sslContext(trusting(certificates)))
            .build();
  }

  @AfterEach
  void stop() {
    vertx.close().await();
    threads.shutdownNow();
  }

  private URI base() {
    return URI.create("https://localhost:" + server.actualPort());
  }

  private static SSLContext trusting(DevelopmentAuthority authority) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (InputStream in = Files.newInputStream(authority.certificate())) {
      store.setCertificateEntry(
          "authority", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private TokenCredential bySecret(String clientId, String secret) {
    return new ClientSecretCredentialBuilder()
        .authorityHost(base().toString())
        .disableInstanceDiscovery()
        .tenantId(identity.tenant())
        .clientId(clientId)
        .clientSecret(secret)
        .httpClient(client)
        .build();
  }

  private static AccessToken token(TokenCredential credential, String scope) {
    return Objects.requireNonNull(
        credential.getToken(new TokenRequestContext().addScopes(scope)).block(SOON));
  }

  @Test
  void aSecretGetsATokenOfEachPlane() throws Exception {
    Principals.Made made = identity.principals().create("app", null, Duration.ofDays(365));
    TokenCredential credential =
        bySecret(made.principal().clientId(), Objects.requireNonNull(made.secret()));

    for (Plane plane : Plane.values()) {
      AccessToken token = token(credential, plane.audience() + "/.default");
      assertThat(identity.verifier().verify(token.getToken(), plane))
          .isInstanceOfSatisfying(
              Verdict.Accepted.class,
              accepted ->
                  assertThat(accepted.principal().objectId())
                      .isEqualTo(made.principal().objectId()));
      assertThat(token.getExpiresAt().toInstant()).isAfter(Instant.now().plusSeconds(3000));
    }
  }

  @Test
  void aCertificateGetsAToken() throws Exception {
    // The library takes keys of RSA alone.
    TestCertificate.write(directory, "client", "-keyalg", "RSA", "-keysize", "2048");
    String certificate = Files.readString(directory.resolve("cert.pem"));
    ClientKeys keys = ClientKeys.ofPem(certificate);
    Principals.Made made = identity.principals().create("app", keys, Duration.ofDays(365));
    Path both = directory.resolve("client.pem");
    Files.writeString(both, Files.readString(directory.resolve("key.pem")) + certificate);
    TokenCredential credential =
        new ClientCertificateCredentialBuilder()
            .authorityHost(base().toString())
            .disableInstanceDiscovery()
            .tenantId(identity.tenant())
            .clientId(made.principal().clientId())
            .pemCertificate(both.toString())
            .httpClient(client)
            .build();

    AccessToken token = token(credential, "https://dynamicsessions.io/.default");

    assertThat(identity.verifier().verify(token.getToken(), Plane.DATA))
        .isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void aWrongSecretIsToldAsTheLibraryKnowsIt() throws Exception {
    String id = identity.principals().create("app", null, SOON).principal().clientId();

    assertThatThrownBy(() -> token(bySecret(id, "wrong"), "https://dynamicsessions.io/.default"))
        .hasMessageContaining("client id or client secret is wrong");
  }

  @Test
  void whatClientsDiscoverFitsTogether() throws Exception {
    var http = java.net.http.HttpClient.newBuilder().sslContext(trusting(certificates)).build();
    for (String tenant : new String[] {"common", "organizations", identity.tenant()}) {
      String instances =
          get(http, "/" + tenant + "/discovery/instance?api-version=1.1&authorization_endpoint=x");
      String discovery =
          dev.sandpool.model.Json.MAPPER
              .readTree(instances)
              .path("tenant_discovery_endpoint")
              .asString();
      String document = get(http, URI.create(discovery).getPath());
      assertThat(document).contains(identity.tenant() + "/oauth2/v2.0/token", "private_key_jwt");
      assertThat(instances).contains("\"preferred_network\":\"localhost:" + server.actualPort());
    }
  }

  private String get(java.net.http.HttpClient http, String path) throws Exception {
    var response =
        http.send(
            java.net.http.HttpRequest.newBuilder(URI.create(base() + path)).build(),
            java.net.http.HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.body();
  }
}
