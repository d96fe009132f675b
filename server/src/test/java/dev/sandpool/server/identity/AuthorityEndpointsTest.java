package dev.sandpool.server.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // the fields are set before each test
class AuthorityEndpointsTest {
  @TempDir Path directory;
  private TestIdentity identity;
  private Vertx vertx;
  private ExecutorService threads;
  private HttpServer server;
  private HttpClient client;

  @BeforeEach
  void serve() throws Exception {
    identity = new TestIdentity(directory, false);
    vertx = Vertx.vertx();
    threads = Executors.newVirtualThreadPerTaskExecutor();
    client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    server =
        vertx
            .createHttpServer()
            .requestHandler(new AuthorityEndpoints(identity.authority, threads, Identities.desk(5)))
            .listen(0, "127.0.0.1")
            .await(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    vertx.close().await(10, TimeUnit.SECONDS);
    threads.close();
  }

  @Test
  void aTokenIsIssuedAndVerifies() throws Exception {
    var response = post(form(identity.credentials.clientSecret()));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("cache-control")).contains("no-store");
    String token = response.body().replaceAll(".*\"access_token\":\"([^\"]+)\".*", "$1");
    assertThat(identity.verifier.verify(token, Plane.DATA)).isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void aWrongSecretIs401() throws Exception {
    var response = post(form("not-the-secret"));
    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(response.body())
        .contains("\"error\":\"invalid_client\"")
        .doesNotContain("not-the-secret");
  }

  @Test
  void whoGuessesSecretsIsTurnedAwayUnexamined() throws Exception {
    for (int i = 0; i < 5; i++) {
      assertThat(post(form("guess" + i)).statusCode()).isEqualTo(401);
    }
    var response = post(form(identity.credentials.clientSecret()));

    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(response.headers().firstValueAsLong("retry-after").orElse(0)).isBetween(1L, 60L);
    assertThat(response.body()).contains("temporarily_unavailable");
  }

  @Test
  void anOversizedOrBrokenBodyIsRefused() throws Exception {
    assertThat(post("x=" + "y".repeat(20_000)).statusCode()).isEqualTo(413);
    assertThat(post("grant_type=%zz").body()).contains("invalid_request");
    assertThat(post("").body()).contains("'grant_type' is missing");
  }

  @Test
  void keysAndDiscoveryAreThereForOurTenantAlone() throws Exception {
    String tenant = identity.principals.tenant();
    assertThat(get("/" + tenant + "/discovery/v2.0/keys").body())
        .isEqualTo(identity.authority.keys());
    assertThat(get("/" + tenant + "/v2.0/.well-known/openid-configuration").body())
        .isEqualTo(identity.authority.discovery());
    assertThat(get("/another/discovery/v2.0/keys").statusCode()).isEqualTo(400);
    for (String alias : new String[] {"common", "organizations"}) {
      assertThat(get("/" + alias + "/discovery/v2.0/keys").body())
          .isEqualTo(identity.authority.keys());
    }
    assertThat(get("/" + tenant + "/oauth2/v2.0/token").statusCode()).isEqualTo(405);
    assertThat(get("/" + tenant + "/oauth2/v2.0/authorize").statusCode()).isEqualTo(404);
  }

  @Test
  void onlyItsOwnPathsAreTheAuthoritys() {
    assertThat(AuthorityEndpoints.handles("/t/oauth2/v2.0/token")).isTrue();
    assertThat(AuthorityEndpoints.handles("/a/b/oauth2/v2.0/token")).isFalse();
    assertThat(AuthorityEndpoints.handles("/t/oauth2/v2.0/token/")).isFalse();
    assertThat(AuthorityEndpoints.handles("/subscriptions/s")).isFalse();
  }

  private String form(String secret) {
    return "grant_type=client_credentials&client_id="
        + identity.credentials.clientId()
        + "&client_secret="
        + secret
        + "&scope=https%3A%2F%2Fdynamicsessions.io%2F.default";
  }

  private HttpResponse<String> post(String body) throws Exception {
    return client.send(
        request("/" + identity.principals.tenant() + "/oauth2/v2.0/token")
            .header("content-type", "application/x-www-form-urlencoded;charset=UTF-8")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort() + path));
  }
}
