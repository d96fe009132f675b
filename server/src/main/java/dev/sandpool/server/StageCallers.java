package dev.sandpool.server;

import dev.sandpool.model.Json;
import dev.sandpool.server.identity.AdminContext;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * Operator and callers of a {@link DressRehearsal}: one makes a pool as everybody does, the others
 * come as often as it takes until the JVM knows what is hot.
 */
final class StageCallers {
  private static final String VERSION = "api-version=2025-07-01";
  private static final int MAX_SESSIONS = 20;
  private static final int READY = 10;
  private static final int NEWCOMERS = 600;
  private static final int REGULARS = 6_000;
  private static final int STRANGERS = 3_000;
  private static final int QUESTIONS = 200;
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final URI server;
  private final AdminContext admin;

  StageCallers(URI server, AdminContext admin) {
    this.server = server;
    this.admin = admin;
  }

  /**
   * Plays until all have been served.
   *
   * @throws IOException naming the first answer that was not a good one
   */
  void play(String image, int port) throws IOException, InterruptedException {
    String management = token("https://management.azure.com/");
    String group = "/subscriptions/" + admin.subscription() + "/resourceGroups/rehearsal";
    String environment = group + "/providers/Microsoft.App/managedEnvironments/stage?" + VERSION;
    String pool = group + "/providers/Microsoft.App/sessionPools/stage?" + VERSION;
    call(
        "PUT",
        environment,
        management,
        Json.MAPPER.writeValueAsString(Map.of("location", "local")));
    String environmentId = environment.substring(0, environment.indexOf('?'));
    call("PUT", pool, management, Json.MAPPER.writeValueAsString(body(environmentId, image, port)));
    String endpoint = awaitSucceeded(pool, management);
    for (int question = 0; question < QUESTIONS; question++) {
      call("GET", pool, management, null);
    }
    callSandboxes(endpoint, token("https://dynamicsessions.io"));
    call("DELETE", pool, management, null);
  }

  private void callSandboxes(String endpoint, String token) throws IOException {
    for (int newcomer = 0; newcomer < NEWCOMERS; newcomer++) {
      String identifier = "identifier=newcomer-" + newcomer;
      call("GET", endpoint + "/first?" + identifier, token, null);
      call("POST", endpoint + "/.management/stopSession?" + identifier, token, "");
    }
    for (int regular = 0; regular < REGULARS; regular++) {
      call("GET", endpoint + "/again?identifier=regular", token, null);
    }
    // All come at once where a server was away, and each costs more than a request of those who
    // stay.
    for (int stranger = 0; stranger < STRANGERS; stranger++) {
      HttpURLConnection call = open("GET", endpoint + "/once?identifier=regular");
      call.setRequestProperty("Authorization", "Bearer " + token);
      call.setRequestProperty("Connection", "close");
      send(call, null);
    }
  }

  private static Map<String, ?> body(String environmentId, String image, int port) {
    Map<String, ?> container =
        Map.of("name", "app", "image", image, "resources", Map.of("cpu", 0.25, "memory", "0.5Gi"));
    return Map.of(
        "location",
        "local",
        "properties",
        Map.of(
            "environmentId",
            environmentId,
            "poolManagementType",
            "Dynamic",
            "containerType",
            "CustomContainer",
            "scaleConfiguration",
            Map.of("maxConcurrentSessions", MAX_SESSIONS, "readySessionInstances", READY),
            "customContainerTemplate",
            Map.of("containers", List.of(container), "ingress", Map.of("targetPort", port))));
  }

  private String awaitSucceeded(String pool, String token)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      JsonNode properties = call("GET", pool, token, null).path("properties");
      if (properties.path("provisioningState").asString().equals("Succeeded")) {
        return properties.path("poolManagementEndpoint").asString();
      }
      if (System.nanoTime() > deadline) {
        throw new IOException("the pool of the rehearsal is not ready: " + properties);
      }
      Thread.sleep(Duration.ofMillis(20));
    }
  }

  private String token(String audience) throws IOException {
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
            .map(
                field ->
                    field.getKey()
                        + "="
                        + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    HttpURLConnection call = open("POST", "/" + admin.tenant() + "/oauth2/v2.0/token");
    call.setRequestProperty("Content-Type", "application/x-www-form-urlencoded");
    return send(call, form).path("access_token").asString();
  }

  private JsonNode call(String method, String target, String token, @Nullable String body)
      throws IOException {
    HttpURLConnection call = open(method, target);
    call.setRequestProperty("Authorization", "Bearer " + token);
    call.setRequestProperty("Content-Type", "application/json");
    return send(call, body);
  }

  private HttpURLConnection open(String method, String target) throws IOException {
    var call = (HttpURLConnection) server.resolve(target).toURL().openConnection();
    call.setRequestMethod(method);
    return call;
  }

  private static JsonNode send(HttpURLConnection call, @Nullable String body) throws IOException {
    if (body != null) {
      call.setDoOutput(true);
      call.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
    }
    int status = call.getResponseCode();
    if (status >= 300) {
      throw new IOException(call.getURL() + " answers " + status);
    }
    try (var answer = call.getInputStream()) {
      byte[] bytes = answer.readAllBytes();
      boolean json = String.valueOf(call.getContentType()).startsWith("application/json");
      return json ? Json.MAPPER.readTree(bytes) : MissingNode.getInstance();
    }
  }
}
