package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/**
 * The main job as a user does it: the documentation's commands, a real registry, real sandboxes.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MainJobIT {
  private static final int MEBIBYTES = 32 << 20;

  private final Stage stage;
  private final TestRegistry registry;
  private final TestPool pool;

  MainJobIT() throws Exception {
    Path home = TestServer.newHome("main");
    registry = new TestRegistry(home.resolve("registry"));
    String image = registry.push("oci-archive:" + Stage.sampleArchive(), "sample:1");
    stage = Stage.open(home, "", "--sandboxes", "stop");
    // The documentation's command, with 'az containerapp' replaced.
    stage
        .cli()
        .ok(
            """
            sandpool sessionpool create \\
                --name my-session-pool \\
                --resource-group group \\
                --environment env \\
                --registry-server %s \\
                --registry-username %s \\
                --registry-password "%s" \\
                --container-type CustomContainer \\
                --image %s \\
                --cpu 0.25 --memory 0.5Gi \\
                --target-port 8080 \\
                --cooldown-period 300 \\
                --network-status EgressDisabled \\
                --max-sessions 20 \\
                --ready-sessions 3 \\
                --env-vars "key1=value1" "key2=value2" \\
                --location local
            """
                .formatted(registry.address(), TestRegistry.USER, TestRegistry.PASSWORD, image));
    pool = stage.find("my-session-pool");
  }

  @AfterAll
  void nothingIsLeft() throws Exception {
    registry.close();
    stage.close();
  }

  @Test
  void theFirstRequestTakesAWarmSandboxAndTheSecondReachesTheSame() {
    HttpResponse<String> first = pool.get("/", "first-1");
    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(first.headers().firstValue(TestPool.ALLOCATION)).isPresent();
    assertThat(Double.parseDouble(first.headers().firstValue(TestPool.ALLOCATION).orElseThrow()))
        .as("milliseconds: from warm, not started for this request")
        .isLessThan(500);
    HttpResponse<String> second = pool.get("/", "first-1");
    assertThat(second.headers().firstValue(TestPool.ALLOCATION)).isEmpty();
    assertThat(second.body()).isEqualTo(first.body());
    assertThat(TestClient.json(first).path("uid").asInt()).as("the image's user").isEqualTo(1000);
  }

  @Test
  void twoIdentifiersShareNeitherFilesNorProcessesNorNames() {
    pool.shell("alice-1", "echo mine > /tmp/note; sleep 4242 >/dev/null 2>&1 &");
    assertThat(pool.shell("alice-1", "cat /tmp/note")).isEqualTo("mine\n");
    String processes = "cat /proc/[0-9]*/cmdline | tr '\\000' ' '";
    assertThat(pool.shell("alice-1", processes)).contains("sleep 4242");
    assertThat(pool.shell("bob-0001", "ls /tmp")).doesNotContain("note");
    assertThat(pool.shell("bob-0001", processes)).doesNotContain("sleep 4242");
    assertThat(pool.shell("bob-0001", "hostname")).isNotEqualTo(pool.shell("alice-1", "hostname"));
  }

  @Test
  void pathQueryAndHeadersArriveUntouched() {
    HttpResponse<String> answer =
        stage
            .client()
            .send(
                pool.request("/echo?a=%2Fb&&c=%41&identifier=echo-001&z=+")
                    .header("X-Two", "1")
                    .header("X-Two", "2")
                    .method("PUT", BodyPublishers.ofString("text")));
    JsonNode seen = TestClient.json(answer);
    assertThat(seen.path("method").asString()).isEqualTo("PUT");
    assertThat(seen.path("path").asString())
        .isEqualTo("/echo?a=%2Fb&&c=%41&identifier=echo-001&z=+");
    assertThat(seen.path("body").asString()).isEqualTo("text");
    assertThat(seen.path("headers").values())
        .extracting(header -> header.get(0).asString() + ": " + header.get(1).asString())
        .contains("X-Two: 1", "X-Two: 2")
        .anyMatch(
            header -> header.toLowerCase(java.util.Locale.ROOT).startsWith("x-forwarded-for: "))
        .noneMatch(header -> header.toLowerCase(java.util.Locale.ROOT).startsWith("authorization"));
  }

  @Test
  void environmentOfThePoolReachesTheContainer() {
    JsonNode variables = TestClient.json(pool.get("/env", "environment-1"));
    assertThat(variables.path("key1").asString()).isEqualTo("value1");
    assertThat(variables.path("key2").asString()).isEqualTo("value2");
  }

  @Test
  void aStreamArrivesInPieces() throws IOException {
    List<Long> moments = new ArrayList<>();
    HttpResponse<InputStream> answer =
        stage
            .client()
            .send(
                pool.request("/stream?count=3&interval=0.5", "stream-1"),
                BodyHandlers.ofInputStream());
    try (var lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      lines.lines().forEach(line -> moments.add(System.nanoTime()));
    }
    assertThat(moments).hasSize(3);
    assertThat(Duration.ofNanos(moments.getLast() - moments.getFirst()))
        .as("from the first line to the last, which is sent a second later")
        .isGreaterThan(Duration.ofMillis(700));
  }

  @Test
  void aLargeUploadArrivesInFull() throws Exception {
    byte[] body = new byte[MEBIBYTES];
    new Random(7).nextBytes(body);
    HttpResponse<String> answer =
        stage
            .client()
            .send(pool.request("/upload", "upload-1").POST(BodyPublishers.ofByteArray(body)));
    assertThat(TestClient.json(answer).path("bytes").asInt()).isEqualTo(MEBIBYTES);
    assertThat(TestClient.json(answer).path("sha256").asString())
        .isEqualTo(hex(MessageDigest.getInstance("SHA-256").digest(body)));
  }

  @Test
  void aLargeDownloadArrivesInFull() throws Exception {
    var sent = MessageDigest.getInstance("SHA-256");
    byte[] block = "x".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < MEBIBYTES >> 20; i++) {
      sent.update(block);
    }
    var received = MessageDigest.getInstance("SHA-256");
    HttpResponse<InputStream> answer =
        stage
            .client()
            .send(
                pool.request("/bytes?size=" + MEBIBYTES, "download-1"),
                BodyHandlers.ofInputStream());
    try (var in = new DigestInputStream(answer.body(), received)) {
      assertThat(in.transferTo(OutputStream.nullOutputStream())).isEqualTo(MEBIBYTES);
    }
    assertThat(hex(received.digest())).isEqualTo(hex(sent.digest()));
  }

  @Test
  void sessionsAreListedShownAndStoppedByTheContractsCalls() {
    String before = pool.instance("manage-1");
    assertThat(pool.identifiers()).contains("manage-1");
    JsonNode session = TestClient.json(pool.manage("getSession?identifier=manage-1"));
    assertThat(session.propertyNames())
        .containsExactlyInAnyOrder(
            "identifier",
            "etag",
            "createdAt",
            "lastAccessedAt",
            "expiresAt",
            "requestsInFlight",
            "upgradedConnections",
            "aliveBecause");
    HttpResponse<String> stopped = pool.manage("stopSession?identifier=manage-1");
    assertThat(stopped.statusCode()).isEqualTo(200);
    assertThat(stopped.body())
        .isEqualTo("Session manage-1 in session pool my-session-pool stopped.");
    HttpResponse<String> again = pool.manage("stopSession?identifier=manage-1");
    assertThat(again.statusCode()).isEqualTo(400);
    assertThat(again.body()).isEqualTo("Failed to stop session, session not found.");
    HttpResponse<String> gone = pool.manage("getSession?identifier=manage-1");
    assertThat(gone.statusCode()).isEqualTo(404);
    assertThat(gone.headers().firstValue("x-ms-error-code"))
        .contains("SessionWithIdentifierNotFound");
    assertThat(pool.instance("manage-1")).as("a fresh sandbox").isNotEqualTo(before);
  }

  @Test
  void commandsListShowAndStopASession() {
    pool.instance("cli-00001");
    String named = " --name my-session-pool -g group";
    assertThat(stage.cli().ok("sandpool session list" + named)).contains("cli-00001");
    JsonNode shown =
        Json.MAPPER.readTree(
            stage.cli().ok("sandpool session show" + named + " --identifier cli-00001"));
    assertThat(shown.path("etag").asString()).isEqualTo(pool.sandbox("cli-00001"));
    stage.cli().ok("sandpool session stop" + named + " --identifier cli-00001");
    assertThat(pool.identifiers()).doesNotContain("cli-00001");
    TestCli.Outcome again =
        stage.cli().type("sandpool session stop" + named + " --identifier cli-00001");
    assertThat(again.code()).isEqualTo(3);
    assertThat(again.err()).contains("session not found");
  }

  @Test
  void logsShowWhatTheContainerWroteAndFollowItToTheEnd() throws Exception {
    pool.get("/log?lines=2&bytes=20", "logs-0001");
    String line = "sandpool logs --name my-session-pool -g group --identifier logs-0001";
    assertThat(stage.cli().ok(line))
        .contains(
            "listening on port 8080", "0 ".concat("x".repeat(18)), "1 ".concat("x".repeat(18)));
    var launcher =
        new ProcessBuilder(TestCli.words(line + " --follow"))
            .redirectError(stage.server().home().resolve("follow.err").toFile());
    launcher.command().set(0, TestServer.root().resolve("sandpool").toString());
    launcher.environment().putAll(stage.cli().environment());
    Process follow = launcher.start();
    try (BufferedReader lines = follow.inputReader(StandardCharsets.UTF_8)) {
      assertThat(lines.readLine()).contains("listening on port 8080");
      pool.get("/log?lines=1&bytes=33", "logs-0001");
      assertThat(lines.lines().anyMatch(text -> text.length() == 33)).isTrue();
      pool.stop("logs-0001");
      assertThat(follow.waitFor()).as("it ends with the session").isZero();
    } finally {
      follow.destroyForcibly();
    }
  }

  @Test
  void tokenPrintsATokenAndNothingElse() {
    String printed = stage.cli().ok("sandpool token");
    assertThat(printed).matches("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\n");
    HttpResponse<String> answer =
        stage
            .client()
            .send(
                pool.bare("/health?identifier=token-01")
                    .header("Authorization", "Bearer " + printed.strip()));
    assertThat(answer.statusCode()).isEqualTo(200);
  }

  @Test
  void theEndpointIsPrintedForAScript() throws IOException {
    assertThat(pool.endpoint())
        .isEqualTo(
            stage.server().url() + stage.client().group("group") + "/sessionPools/my-session-pool");
  }

  @Test
  void theServerPrintsTheReadyLineAlone() throws IOException {
    assertThat(stage.server().output()).isEqualTo("ready " + stage.server().url() + "\n");
  }

  @Test
  void deletingAPoolFreesEverythingAndItsName() throws Exception {
    String options =
        "--image "
            + registry.address()
            + "/sample:1 --registry-server "
            + registry.address()
            + " --registry-username "
            + TestRegistry.USER
            + " --registry-password \""
            + TestRegistry.PASSWORD
            + "\" --target-port 8080 --max-sessions 3 --ready-sessions 1";
    stage.cli().ok(Stage.create("short-lived", options));
    TestPool shortLived = stage.find("short-lived");
    shortLived.instance("delete-1");
    String sandbox = stage.server().instance().prefix() + shortLived.sandbox("delete-1");
    assertThat(stage.server().namespaces()).contains(sandbox);
    stage.delete("short-lived");
    assertThat(stage.server().namespaces()).doesNotContain(sandbox);
    assertThat(shortLived.get("/", "delete-1").statusCode()).isEqualTo(404);
    assertThat(stage.cli().type("sandpool sessionpool show --name short-lived -g group").code())
        .isEqualTo(3);
    stage.cli().ok(Stage.create("short-lived", options));
    assertThat(shortLived.identifiers()).isEmpty();
    stage.delete("short-lived");
    await("folders are gone with their sandboxes")
        .atMost(Duration.ofSeconds(20))
        .until(() -> folders().size() == stage.server().namespaces().size());
  }

  private List<Path> folders() throws IOException {
    try (Stream<Path> entries =
        Files.list(stage.server().dataDirectory().resolve("engine/sandboxes"))) {
      String prefix = stage.server().instance().prefix();
      return entries.filter(path -> String.valueOf(path.getFileName()).startsWith(prefix)).toList();
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
