package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Json;
import dev.sandpool.server.identity.AdminContext;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** An application that speaks the contract to a server: authority, management, data plane. */
public final class TestClient implements AutoCloseable {
  /** The management plane's audience. */
  public static final String MANAGEMENT = "https://management.azure.com/";

  /** The data plane's audience. */
  public static final String SESSIONS = "https://dynamicsessions.io";

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final AdminContext admin;
  private final URI url;
  private final Map<String, String> tokens = new ConcurrentHashMap<>();

  /** The administrator's. */
  public TestClient(TestServer server) throws IOException {
    this(server.admin(), server.url());
  }

  /** Whoever that is, at that address. */
  public TestClient(AdminContext admin, URI url) {
    this.admin = admin;
    this.url = url;
  }

  /** A token of that audience, asked for once. */
  public String token(String audience) {
    return tokens.computeIfAbsent(audience, this::ask);
  }

  private String ask(String audience) {
    String form =
        Map.of(
                "grant_type",
                "client_credentials",
                "client_id",
                admin.clientId(),
                "client_secret",
                admin.clientSecret(),
                "scope",
                audience + "/.default")
            .entrySet()
            .stream()
            .map(field -> field.getKey() + "=" + encoded(field.getValue()))
            .collect(Collectors.joining("&"));
    var request =
        HttpRequest.newBuilder(url.resolve("/" + admin.tenant() + "/oauth2/v2.0/token"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form));
    HttpResponse<String> answer = send(request);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return json(answer).path("access_token").asString();
  }

  /** A call of the management plane with a token of its own audience. */
  public HttpResponse<String> arm(String method, String path, @Nullable String body) {
    return send(
        HttpRequest.newBuilder(arm(path))
            .header("Authorization", "Bearer " + token(MANAGEMENT))
            .header("Content-Type", "application/json")
            .method(
                method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body)));
  }

  /** How many sandboxes of all pools the metrics say are in that state. */
  public long sandboxes(String state) {
    return arm("GET", "/sandpool/metrics", null)
        .body()
        .lines()
        .filter(line -> line.startsWith("sandpool_sandboxes{"))
        .filter(line -> line.contains("state=\"" + state + "\""))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  /** The URL of a path of the management plane, in the newest version where it names none. */
  public URI arm(String path) {
    if (path.contains("api-version=")) {
      return url.resolve(path);
    }
    String separator = path.contains("?") ? "&" : "?";
    return url.resolve(path + separator + "api-version=2025-07-01");
  }

  /** The path of a pool in the administrator's subscription. */
  public String pool(String group, String name) {
    return group(group) + "/providers/Microsoft.App/sessionPools/" + name;
  }

  /** The path of a resource group there. */
  public String group(String group) {
    return "/subscriptions/" + admin.subscription() + "/resourceGroups/" + group;
  }

  /** Where the server is. */
  public URI url() {
    return url;
  }

  /** Sends a request and gives the answer as text. */
  public HttpResponse<String> send(HttpRequest.Builder request) {
    return send(request, BodyHandlers.ofString());
  }

  /** Sends a request. */
  public <T> HttpResponse<T> send(
      HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler) {
    try {
      return http.send(request.timeout(PATIENCE).build(), handler);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** The answer's body. */
  public static JsonNode json(HttpResponse<String> answer) {
    return Json.MAPPER.readTree(answer.body());
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
