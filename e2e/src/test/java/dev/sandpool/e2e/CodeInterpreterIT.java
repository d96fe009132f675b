package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.Json;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What agents' frameworks do with a code interpreter, against a pool of our own image. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CodeInterpreterIT {
  private static final String OLD = "?api-version=2024-02-02-preview";

  private final Stage stage;
  private final TestPool pool;

  @SuppressWarnings("NullAway.Init") // JUnit sets it before each test.
  @TempDir
  Path folder;

  CodeInterpreterIT() throws Exception {
    stage = Stage.open("interpreter", "", "--dev", "--sandboxes", "stop");
    // Of mode 0600: the server, which runs as another user, could not open it.
    Path secret = Files.createTempFile("sandpool-interpreter", ".tar");
    try {
      Files.copy(Stage.archive("code-interpreter"), secret, StandardCopyOption.REPLACE_EXISTING);
      Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
      stage.importImage(secret, "code-interpreter:1");
    } finally {
      Files.delete(secret);
    }
    stage
        .cli()
        .ok(
            Stage.create(
                "python",
                "--image code-interpreter:1 --target-port 6000 --max-sessions 4 --ready-sessions 1"
                    + " --cooldown-period 300"));
    pool = stage.find("python");
  }

  @AfterAll
  void nothingIsLeft() throws Exception {
    stage.close();
  }

  @Test
  void stateIsKeptInASessionAndNotSharedWithAnother() {
    assertThat(old("agent-one", "x = 20").path("status").asString()).isEqualTo("Success");
    JsonNode second = old("agent-one", "print('hi')\nx + 1");
    assertThat(second.path("result").asInt()).isEqualTo(21);
    assertThat(second.path("stdout").asString()).isEqualTo("hi\n");
    JsonNode other = old("agent-two", "x");
    assertThat(other.path("status").asString()).isEqualTo("Failure");
    assertThat(other.path("stderr").asString()).contains("NameError");
  }

  @Test
  void commandLineRunsCodeAndMovesFiles() throws Exception {
    Path file = Files.writeString(folder.resolve("numbers.txt"), "1\n2\n3\n");
    String session = " -n python -g group --identifier cli-agent";
    stage.cli().ok("sandpool session code-interpreter upload-file --filepath " + file + session);
    String code = "sum(int(n) for n in open('numbers.txt'))";
    JsonNode run =
        Json.MAPPER.readTree(
            stage
                .cli()
                .ok("sandpool session code-interpreter execute --code \"" + code + "\"" + session));
    assertThat(run.path("status").asString()).isEqualTo("Succeeded");
    assertThat(run.path("result").path("executionResult").asInt()).isEqualTo(6);
    assertThat(
            stage
                .cli()
                .ok(
                    "sandpool session code-interpreter list-files --query value[].name -o tsv"
                        + session))
        .isEqualTo("numbers.txt\n");
    assertThat(
            stage
                .cli()
                .ok(
                    "sandpool session code-interpreter show-file-content -o tsv --session-pool-location"
                        + " local --filename numbers.txt"
                        + session))
        .isEqualTo("\"1\\n2\\n3\\n\"\n");
    String named = " --filename numbers.txt" + session;
    stage.cli().ok("sandpool session code-interpreter delete-file" + named);
    assertThat(
            stage.cli().type("sandpool session code-interpreter show-file-metadata" + named).code())
        .isEqualTo(3);
  }

  @Test
  void codeThatTakesTooLongEndsAndItsSessionGoesOn() {
    assertThat(old("agent-slow", "kept = 1").path("status").asString()).isEqualTo("Success");
    JsonNode slow = execute("agent-slow", "while True: pass", 1);
    assertThat(slow.path("status").asString()).isEqualTo("Failed");
    assertThat(slow.path("result").path("stderr").asString()).contains("Request timed out");
    assertThat(execute("agent-slow", "kept", 10).path("result").path("executionResult").asInt())
        .isEqualTo(1);
  }

  @Test
  void deletingTheSessionFreesItsSlot() {
    execute("agent-done", "1", 10);
    HttpResponse<String> deleted =
        stage.client().send(pool.request("/session", "agent-done").DELETE());
    assertThat(deleted.statusCode()).as(deleted.body()).isEqualTo(204);
    await().atMost(Duration.ofSeconds(20)).until(() -> !pool.identifiers().contains("agent-done"));
  }

  private JsonNode old(String identifier, String code) {
    var properties = Json.MAPPER.createObjectNode();
    properties.put("codeInputType", "inline").put("executionType", "synchronous").put("code", code);
    var body = Json.MAPPER.createObjectNode();
    body.set("properties", properties);
    return post("/code/execute" + OLD, identifier, body).path("properties");
  }

  private JsonNode execute(String identifier, String code, int timeout) {
    var body = Json.MAPPER.createObjectNode();
    body.put("codeInputType", "inline").put("executionType", "synchronous");
    body.put("timeoutInSeconds", timeout).put("code", code);
    return post("/executions?api-version=2025-02-02-preview", identifier, body);
  }

  private JsonNode post(String path, String identifier, JsonNode body) {
    HttpResponse<String> answer =
        stage
            .client()
            .send(
                pool.request(path, identifier)
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString(Json.MAPPER.writeValueAsString(body))));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return TestClient.json(answer);
  }
}
