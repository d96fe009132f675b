package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.Json;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Sandboxes that are not well, asked over HTTP and TCP: replaced, ended, or never ready. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProbesIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String VERSION = "?api-version=2025-10-02-preview";

  /** Answers 200 to {@code /ok} as long as that file is there. */
  private static final String WELL =
      "mkdir -p /tmp/h && touch /tmp/h/ok && (python3 -m http.server 9090 -d /tmp/h &) ";

  private static final Map<String, Object> LIVENESS =
      Map.of(
          "type", "Liveness",
          "httpGet", Map.of("port", 9090, "path", "/ok"),
          "periodSeconds", 1,
          "timeoutSeconds", 10,
          "failureThreshold", 2,
          "initialDelaySeconds", 1);

  private final Stage stage;

  ProbesIT() throws Exception {
    stage = Stage.development("probes", "");
  }

  @AfterAll
  void nothingIsLeft() throws Exception {
    stage.close();
  }

  @Test
  void anUnhealthySessionIsEndedAndItsIdentifierGetsANewSandbox() throws Exception {
    put("held", WELL + "&& exec python3 /app/server.py", startup(9090, 30), LIVENESS);
    awaitState("held", "Succeeded");
    TestPool pool = stage.find("held");
    String before = pool.instance("user-001");
    String sandbox = pool.sandbox("user-001");
    long events = events();

    pool.shell("user-001", "rm /tmp/h/ok");
    await("the session ends")
        .atMost(PATIENCE)
        .until(() -> pool.sandboxNow("user-001").filter(sandbox::equals).isEmpty());

    assertThat(pool.instance("user-001")).isNotEqualTo(before);
    assertThat(events()).isGreaterThan(events);
    assertThat(stage.server().log())
        .containsPattern("event=sandbox-unhealthy .*" + sandbox + ".*answered 404.*ALLOCATED");
    stage.delete("held");
  }

  @Test
  void anUnhealthyReadySandboxIsReplaced() throws Exception {
    long events = events();
    // Each falls ill by itself: nobody may reach one that is not a session's.
    String ill = "&& (sh -c 'sleep 15; rm /tmp/h/ok' &) && exec python3 /app/server.py";
    put("ready", WELL + ill, startup(8080, 30), LIVENESS);
    awaitState("ready", "Succeeded");

    await("one is found to be ill").atMost(PATIENCE).until(() -> events() > events);
    await("another is ready")
        .atMost(PATIENCE)
        .until(
            () ->
                properties("ready")
                        .at("/templateUpdateStatus/activeTemplate/status/readyCount")
                        .asInt()
                    == 1);

    assertThat(stage.server().log()).containsPattern("event=sandbox-unhealthy .*it was READY");
    stage.delete("ready");
  }

  @Test
  void aStartupProbeThatNeverSucceedsFailsTheOperationWithItsCause() throws Exception {
    HttpResponse<String> created =
        put("never", "exec python3 /app/server.py", startup(9999, 2), LIVENESS);
    String url = created.headers().firstValue("Azure-AsyncOperation").orElseThrow();
    awaitState("never", "Failed");

    JsonNode operation =
        TestClient.json(stage.client().arm("GET", url.substring(url.indexOf("/subscr")), null));
    assertThat(operation.path("status").asString()).isEqualTo("Failed");
    assertThat(operation.at("/error/code").asString()).isEqualTo("ProbeFailed");
    assertThat(operation.at("/error/message").asString())
        .startsWith("its startup probe failed 2 times in a row: it cannot be reached");
    stage.delete("never");
  }

  private static Map<String, Object> startup(int port, int threshold) {
    return Map.of(
        "type",
        "Startup",
        "tcpSocket",
        Map.of("port", port),
        "periodSeconds",
        1,
        "timeoutSeconds",
        2,
        "failureThreshold",
        threshold);
  }

  private HttpResponse<String> put(
      String name, String script, Map<String, Object> startup, Map<String, Object> liveness) {
    Map<String, Object> container =
        Map.of(
            "name", "main",
            "image", Stage.SAMPLE,
            "command", List.of("sh", "-c"),
            "args", List.of(script),
            "resources", Map.of("cpu", 0.25, "memory", "0.5Gi"),
            "probes", List.of(startup, liveness));
    Map<String, Object> properties =
        Map.of(
            "environmentId",
            stage.client().group("group") + "/providers/Microsoft.App/managedEnvironments/env",
            "scaleConfiguration",
            Map.of("maxConcurrentSessions", 3, "readySessionInstances", 1),
            "customContainerTemplate",
            Map.of("containers", List.of(container), "ingress", Map.of("targetPort", 8080)));
    HttpResponse<String> answer =
        stage
            .client()
            .arm(
                "PUT",
                stage.client().pool("group", name),
                Json.MAPPER.writeValueAsString(
                    Map.of("location", "local", "properties", properties)));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return answer;
  }

  private void awaitState(String pool, String state) {
    await(pool + " " + state)
        .atMost(PATIENCE)
        .until(() -> properties(pool).path("provisioningState").asString().equals(state));
  }

  private JsonNode properties(String pool) {
    HttpResponse<String> answer =
        stage.client().arm("GET", stage.client().pool("group", pool) + VERSION, null);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return TestClient.json(answer).path("properties");
  }

  private long events() {
    String begin = "sandpool_lifecycle_events_total{kind=\"sandbox-unhealthy\"} ";
    return stage
        .client()
        .arm("GET", "/sandpool/metrics", null)
        .body()
        .lines()
        .filter(line -> line.startsWith(begin))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(begin.length())))
        .findFirst()
        .orElseThrow();
  }
}
