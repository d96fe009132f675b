package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.Json;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** What is left of sessions when the server ends, however it ends (G6). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestartIT {
  private static final int READY = 2;
  private static final Set<String> ENDS = Set.of("Idle", "Stopping", "Failed");

  private final Stage stage;
  private final TestServer server;
  private final TestPool pool;

  RestartIT() throws Exception {
    // Long enough to be killed in between; sandboxes that listen to TERM do not wait for it.
    String settings =
        "engine:\n  stopGrace: 5s\n" + DocumentedUsage.settings() + DocumentedUsage.quotas();
    stage = Stage.open("restart", settings, "--dev").importSample();
    server = stage.server();
    pool = stage.pool("lasting", "--max-sessions 10 --ready-sessions " + READY);
  }

  @AfterAll
  void nothingIsLeft() throws Exception {
    stage.close();
  }

  @Test
  void aKilledServerLosesNoSessionAndLeavesNothing() throws Exception {
    Map<String, String> before = new HashMap<>();
    for (String identifier : List.of("kill-0001", "kill-0002", "kill-0003", "kill-0004")) {
      pool.shell(identifier, "echo " + identifier + " > /tmp/state");
      before.put(identifier, pool.instance(identifier));
    }
    pool.get("/log?lines=1&bytes=21", "kill-0001");
    JsonNode used = usage();
    killUnderLoad(before.keySet());
    server.restart();
    assertThat(usage().path("allocatedSeconds").asDouble())
        .as("no second that was shown is lost, and sandboxes of a killed server go on")
        .isGreaterThan(used.path("allocatedSeconds").asDouble());
    assertThat(usage().path("readySeconds").asDouble())
        .isGreaterThanOrEqualTo(used.path("readySeconds").asDouble());

    before.forEach(
        (identifier, instance) -> {
          assertThat(pool.instance(identifier)).isEqualTo(instance);
          assertThat(pool.shell(identifier, "cat /tmp/state")).isEqualTo(identifier + "\n");
        });
    pool.get("/log?lines=1&bytes=22", "kill-0001");
    await("the console goes on")
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(
                        stage
                            .cli()
                            .ok("sandpool logs -n lasting -g group --identifier kill-0001")
                            .lines()
                            .map(String::length))
                    .contains(21, 22));
    nothingUnknownIsThere();
    pool.identifiers().forEach(pool::stop);
    usageIsWhatTheLifecycleLogSays(before.size());
  }

  /** To the second of each session: the log goes by the wall clock, usage by the host's uptime. */
  private void usageIsWhatTheLifecycleLogSays(int sessions) {
    await("all sessions have ended")
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(usage().path("allocatedSeconds").asDouble())
                    .isCloseTo(allocatedSecondsInTheLog(), within(1.0 * sessions)));
    JsonNode used = usage();
    assertThat(used.path("sessions").asInt()).isGreaterThanOrEqualTo(sessions);
    assertThat(used.path("cpuSecondsUsed").asDouble()).isPositive();
    assertThat(used.path("gibSecondsUsed").asDouble()).isPositive();
    await("what went through the gateway is added four times a minute")
        .atMost(Duration.ofSeconds(60))
        .until(() -> usage().path("requests").asInt() > 0);
  }

  private double allocatedSecondsInTheLog() {
    Map<String, Instant> begun = new HashMap<>();
    double seconds = 0;
    String log = "sandpool logs -n lasting -g group --type lifecycle --json";
    for (String line : stage.cli().ok(log).lines().toList()) {
      JsonNode row = Json.MAPPER.readTree(line);
      String sandbox = row.path("PodName").asString();
      Instant at = Instant.parse(row.path("TimeGenerated").asString());
      String operation = row.path("OperationName").asString();
      Instant since = begun.get(sandbox);
      if (operation.equals("Allocated")) {
        begun.put(sandbox, at);
      } else if (ENDS.contains(operation) && since != null) {
        seconds += Duration.between(since, at).toNanos() / 1e9;
        begun.remove(sandbox);
      }
    }
    assertThat(begun).as("sessions that go on").isEmpty();
    return seconds;
  }

  private JsonNode usage() {
    return Json.MAPPER.readTree(stage.cli().ok("sandpool usage -n lasting -g group")).path(0);
  }

  /** Known identifiers ask all the time, new ones come in: the worst moment to be killed. */
  private void killUnderLoad(Iterable<String> identifiers) throws Exception {
    var over = new AtomicBoolean();
    var answers = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (String identifier : identifiers) {
        threads.execute(() -> askUntil(over, answers, identifier));
      }
      threads.execute(() -> askUntil(over, new AtomicInteger(), "newcomer-1"));
      threads.execute(() -> askUntil(over, new AtomicInteger(), "newcomer-2"));
      await().atMost(Duration.ofSeconds(30)).until(() -> answers.get() > 100);
      server.kill();
      over.set(true);
    }
  }

  private void askUntil(AtomicBoolean over, AtomicInteger answers, String identifier) {
    while (!over.get()) {
      try {
        pool.get("/", identifier);
        answers.incrementAndGet();
      } catch (java.io.UncheckedIOException e) {
        return; // cut, as it should be
      }
    }
  }

  /** Every sandbox on the host is either a session's or one of the few that wait. */
  private void nothingUnknownIsThere() {
    await("as many sandboxes as are known")
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              String prefix = server.instance().prefix();
              List<String> unknown = new ArrayList<>(server.namespaces());
              unknown.removeAll(
                  pool.sessions().stream()
                      .map(session -> prefix + session.path("etag").asString())
                      .toList());
              assertThat(unknown).hasSize(READY);
            });
  }

  @Test
  void theDocumentedLinesShowACostTableAndTheQuotas() throws Exception {
    pool.get("/", "paying-001");
    for (String line : DocumentedUsage.commands("lasting", "group")) {
      String shown = stage.cli().ok(line);
      if (line.contains(" usage ")) {
        assertThat(shown.toLowerCase(Locale.ROOT)).as(line).contains("cost", "eur");
      } else {
        assertThat(shown).as(line).contains("Limit");
      }
    }
    assertThat(usage().path("cost").asDouble())
        .as("a session has begun")
        .isGreaterThanOrEqualTo(0.03);
    String tooMuch =
        "sandpool sessionpool create -n greedy -g group --environment env --container-type"
            + " CustomContainer --image "
            + Stage.SAMPLE
            + " --target-port 8080 --cpu 0.25 --memory 0.5Gi --max-sessions 51";
    var refused = stage.cli().type(tooMuch);
    assertThat(refused.code()).isNotZero();
    assertThat(refused.err())
        .contains("QuotaExceeded", "PoolSandboxes: Current Limit: 50", "New Limit Required: 51");
    pool.stop("paying-001");
  }

  @Test
  void aSessionThatWasStoppingIsGoneAfterTheRestart() throws Exception {
    TestPool deaf =
        stage.pool(
            "deaf",
            "--max-sessions 3 --ready-sessions 1"
                + " --command sh --args=-c \"trap '' TERM; python3 /app/server.py; true\"");
    String before = deaf.instance("dying-001");
    String sandbox = server.instance().prefix() + deaf.sandbox("dying-001");
    CompletableFuture<Void> stop =
        CompletableFuture.runAsync(
            () -> deaf.manage("stopSession?identifier=dying-001"),
            Executors.newVirtualThreadPerTaskExecutor());
    await("it is stopping")
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !deaf.identifiers().contains("dying-001"));
    assertThat(stop).as("its last process still lives").isNotDone();
    assertThat(server.namespaces()).contains(sandbox);
    server.kill();
    assertThat(stop).failsWithin(Duration.ofSeconds(10));
    server.restart();

    assertThat(server.namespaces()).doesNotContain(sandbox);
    assertThat(deaf.identifiers()).doesNotContain("dying-001");
    assertThat(deaf.instance("dying-001")).isNotEqualTo(before);
  }

  @Test
  void aSecondServerOnTheSameDataIsRefusedByNameOfTheFirst() throws Exception {
    Process second = server.another();
    try {
      String said = new String(second.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(second.waitFor()).isEqualTo(1);
      assertThat(said).contains("pid " + server.processes().get("server"), server.url().toString());
    } finally {
      second.destroyForcibly();
    }
    assertThat(pool.instance("second-01")).isNotEmpty();
    pool.stop("second-01");
  }

  @Test
  void theSandboxesOfAServerThatStaysAwayAreFreedOnRequestAndOnlyThen() throws Exception {
    String before = pool.instance("away-001");
    assertThat(server.reclaim()).contains("pid").endsWith("1");
    assertThat(pool.instance("away-001")).as("untouched").isEqualTo(before);
    server.kill();
    assertThat(server.namespaces()).isNotEmpty();

    assertThat(server.reclaim()).contains("nothing is left on this host").endsWith("0");

    assertThat(Leftovers.of(server.instance(), server.dataDirectory())).isEmpty();
    server.restart();
    assertThat(pool.instance("away-001")).as("a new sandbox").isNotEqualTo(before);
    pool.stop("away-001");
  }

  @Test
  void aServerThatIsAskedToEndLetsARunningRequestEndFirst() throws Exception {
    String before = pool.instance("drain-001");
    pool.shell("drain-001", "rm -f /tmp/began");
    CompletableFuture<HttpResponse<String>> slow =
        CompletableFuture.supplyAsync(
            () -> pool.get("/sleep?seconds=3", "drain-001"),
            Executors.newVirtualThreadPerTaskExecutor());
    await("it is under way")
        .atMost(Duration.ofSeconds(10))
        .until(
            () -> pool.shell("drain-001", "cat /proc/net/tcp | grep -c ' 01 '").strip(),
            text -> !text.isEmpty() && Integer.parseInt(text) >= 2);
    server.terminate();
    assertThat(slow.get().statusCode()).isEqualTo(200);
    assertThat(server.awaitEnd()).isEqualTo(143);
    server.restart();
    assertThat(pool.instance("drain-001")).as("kept").isEqualTo(before);
    pool.stop("drain-001");
  }
}
