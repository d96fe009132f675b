package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Json;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Browsers speak HTTP/2 wherever they can: what keeps sessions apart must hold there too. */
class BrowserOverHttp2Test {
  private static final String APP = "https://app.test";
  private static final Map<String, String> TOKEN =
      Map.of("authorization", "Bearer " + GatewayBed.TOKEN);

  private GatewayBed bed;
  private Vertx vertx;
  private HttpClient client;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
    vertx = Vertx.vertx();
    client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
    bed.close();
  }

  private record Answer(int status, Map<String, String> headers, String body) {
    String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  private Answer send(
      HttpMethod method, String host, String target, Map<String, String> headers, String body)
      throws Exception {
    var options =
        new RequestOptions()
            .setServer(SocketAddress.inetSocketAddress(bed.port(), "127.0.0.1"))
            .setHost(host)
            .setPort(80)
            .setMethod(method)
            .setURI(target);
    headers.forEach(options::putHeader);
    return client
        .request(options)
        .compose(request -> request.send(body))
        .compose(
            response -> {
              assertThat(response.version()).isEqualTo(HttpVersion.HTTP_2);
              Map<String, String> seen = new java.util.HashMap<>();
              response
                  .headers()
                  .forEach((name, value) -> seen.merge(name, value, (a, b) -> a + "|" + b));
              return response
                  .body()
                  .map(text -> new Answer(response.statusCode(), seen, text.toString()));
            })
        .await(20, TimeUnit.SECONDS);
  }

  private Answer byPath(HttpMethod method, String rest, Map<String, String> headers)
      throws Exception {
    return send(method, "gw.test", GatewayBed.BASE + rest, headers, "");
  }

  private String originOf(String identifier) throws Exception {
    String path = "/.management/getSession?identifier=" + identifier;
    String origin =
        Json.MAPPER.readTree(byPath(HttpMethod.POST, path, TOKEN).body()).path("origin").asString();
    return URI.create(origin).getHost();
  }

  @Test
  void documentByPathGetsNoPartInTheOriginThatAllPoolsShare() throws Exception {
    bed.sandbox("<script>steal()</script>");

    Answer answer = byPath(HttpMethod.GET, "/page?identifier=abcd", TOKEN);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("content-security-policy")).isEqualTo("sandbox");
  }

  @Test
  void preflightIsAnsweredForAllowedOriginsAlone() throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");
    var rules = new BrowserRules(true, Set.of(APP));
    bed.options(new PoolRoute.Options(null, false, false, null, PoolBounds.NONE, rules));

    Answer allowed =
        byPath(
            HttpMethod.OPTIONS,
            "/api?identifier=abcd",
            Map.of("origin", APP, "access-control-request-method", "PUT"));
    Answer other =
        byPath(
            HttpMethod.OPTIONS,
            "/api?identifier=abcd",
            Map.of("origin", "https://evil.test", "access-control-request-method", "PUT"));
    Answer answer =
        byPath(
            HttpMethod.GET,
            "/api?identifier=abcd",
            Map.of("origin", APP, "authorization", "Bearer " + GatewayBed.TOKEN));

    assertThat(allowed.status()).isEqualTo(204);
    assertThat(allowed.header("access-control-allow-origin")).isEqualTo(APP);
    assertThat(allowed.header("access-control-allow-methods")).contains("PUT");
    assertThat(other.status()).isNotEqualTo(200);
    assertThat(other.headers()).doesNotContainKey("access-control-allow-origin");
    assertThat(answer.header("access-control-allow-origin")).isEqualTo(APP);
    assertThat(sandbox.requests).hasSize(1);
  }

  @Test
  void sessionsHostReachesThatSessionAlone() throws Exception {
    bed.sandbox((request, in, out) -> StubSandbox.respond(out, "one " + Bodies.read(request, in)));
    bed.sandbox("two");
    byPath(HttpMethod.GET, "/?identifier=user-1", TOKEN);
    byPath(HttpMethod.GET, "/?identifier=user-2", TOKEN);
    String host = originOf("user-1");

    assertThat(send(HttpMethod.GET, host, "/style.css", TOKEN, "").body()).startsWith("one");
    assertThat(send(HttpMethod.POST, host, "/form", TOKEN, "a=b").body()).isEqualTo("one a=b");
    Answer other = send(HttpMethod.GET, host, "/?identifier=user-2", TOKEN, "");
    assertThat(other.header("x-ms-error-code")).isEqualTo("InvalidSessionHost");
    Answer management = send(HttpMethod.POST, host, "/.management/listSessions", TOKEN, "");
    assertThat(management.status()).isEqualTo(404);
    assertThat(send(HttpMethod.GET, host, "/style.css", Map.of(), "").status()).isEqualTo(401);
  }
}
