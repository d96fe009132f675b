package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.Json;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Updates under constant traffic, of known sessions and new ones: no request is lost, and one
 * sandbox of the serving revision is ready at every look (G11).
 */
class RollingUpdateIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Stage stage;
  private final TestPool pool;
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicInteger served = new AtomicInteger();
  private final AtomicInteger looks = new AtomicInteger();
  private final AtomicInteger fresh = new AtomicInteger();
  private final Queue<String> troubles = new ConcurrentLinkedQueue<>();

  RollingUpdateIT() throws Exception {
    Path home = TestServer.newHome("rolling");
    stage =
        Stage.open(home, "engine:\n  readyDeadline: 20s\n", "--sandboxes", "stop").importSample();
    pool = stage.pool("rolling", "--max-sessions 40 --ready-sessions 2");
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    over.set(true);
    stage.close();
  }

  @Test
  void aBrokenImageLosesNoRequestAndAGoodOneTakesOver() throws Exception {
    String before = pool.instance("steady-01");
    List<Thread> traffic =
        List.of(
            Thread.ofVirtual().start(this::callAllTheTime),
            Thread.ofVirtual().start(this::lookAllTheTime));

    update("EXIT_AT_START", "23");
    awaitState("Failed");
    assertThat(status().at("/desiredTemplate/details").asString()).contains("exited with code 23");
    assertThat(status().at("/desiredTemplate/status/crashCount").asInt()).isGreaterThan(2);

    update("PORT", "9999");
    awaitState("Failed");
    update("COLOUR", "green");
    awaitState("Succeeded");
    await("the old ones are replaced")
        .atMost(PATIENCE)
        .until(() -> status().at("/activeTemplate/status/readyCount").asInt() == 2);

    over.set(true);
    for (Thread thread : traffic) {
      thread.join();
    }
    assertThat(troubles).isEmpty();
    assertThat(pool.instance("steady-01")).isEqualTo(before);
    assertThat(pool.shell("after-001", "echo $COLOUR").strip()).isEqualTo("green");
    System.out.printf(
        "rolling update: %d requests served, %d looks, %d new sessions%n",
        served.get(), looks.get(), fresh.get());
  }

  private void callAllTheTime() {
    while (!over.get()) {
      HttpResponse<String> answer = pool.get("/health", "steady-01");
      if (answer.statusCode() == 200) {
        served.incrementAndGet();
      } else {
        troubles.add(answer.statusCode() + " " + answer.body());
      }
    }
  }

  /** Begins a session whenever two are ready: only an update could bring that to none. */
  private void lookAllTheTime() {
    while (!over.get()) {
      int ready = status().at("/activeTemplate/status/readyCount").asInt();
      looks.incrementAndGet();
      if (ready < 1) {
        troubles.add("nothing is ready: " + status());
      }
      if (ready > 1 && fresh.get() < 30) {
        HttpResponse<String> answer = pool.get("/health", "fresh-%03d".formatted(fresh.get()));
        if (answer.statusCode() == 200) {
          fresh.incrementAndGet();
        } else {
          troubles.add("new: " + answer.statusCode() + " " + answer.body());
        }
      }
    }
  }

  private void update(String variable, String value) {
    Map<String, Object> container =
        Map.of(
            "image", Stage.SAMPLE,
            "env", List.of(Map.of("name", variable, "value", value)),
            "resources", Map.of("cpu", 0.25, "memory", "0.5Gi"));
    Map<String, Object> template = Map.of("containers", List.of(container));
    String body =
        Json.MAPPER.writeValueAsString(
            Map.of("properties", Map.of("customContainerTemplate", template)));
    HttpResponse<String> answer = pool.client().arm("PATCH", path(), body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
  }

  private void awaitState(String state) {
    await("provisioningState " + state)
        .atMost(PATIENCE)
        .until(() -> properties().at("/provisioningState").asString().equals(state));
  }

  private JsonNode status() {
    return properties().at("/templateUpdateStatus");
  }

  private JsonNode properties() {
    HttpResponse<String> answer =
        pool.client().arm("GET", path() + "?api-version=2025-02-02-preview", null);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return TestClient.json(answer).path("properties");
  }

  private String path() {
    return pool.client().pool("group", pool.name());
  }
}
