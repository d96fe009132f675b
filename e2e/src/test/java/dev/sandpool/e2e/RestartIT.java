package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.BufferedReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** What is left of sessions when the server ends, however it ends (G6). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestartIT {
  private static final int READY = 2;

  /** Of pools beside the one that all share: they leave nothing that waits. */
  private static final String NONE_READY = "--max-sessions 3 --ready-sessions 0";

  private final OtlpReceiver receiver = new OtlpReceiver();
  private final Stage stage;
  private final TestServer server;
  private final TestPool pool;
  private final PoolUsage usage;

  RestartIT() throws Exception {
    // Long enough to be killed in between; sandboxes that listen to TERM do not wait for it.
    String export =
        "export:\n  otlp:\n    metrics: false\n    traces: true\n    endpoint: "
            + receiver.url()
            + "\n";
    String prices = DocumentedUsage.settings() + DocumentedUsage.quotas();
    stage =
        Stage.open("restart", "engine:\n  stopGrace: 5s\n" + export + prices, "--dev")
            .importSample();
    server = stage.server();
    pool = stage.pool("lasting", "--max-sessions 10 --ready-sessions " + READY);
    usage = new PoolUsage(stage.cli(), "lasting");
  }

  @AfterAll
  void nothingIsLeft() throws Exception {
    try (receiver) {
      stage.close();
    }
  }

  @Test
  void aKilledServerLosesNoSessionAndLeavesNothing() throws Exception {
    Map<String, String> before = new HashMap<>();
    for (String identifier : List.of("kill-0001", "kill-0002", "kill-0003", "kill-0004")) {
      pool.shell(identifier, "echo " + identifier + " > /tmp/state");
      before.put(identifier, pool.instance(identifier));
    }
    pool.get("/log?lines=1&bytes=21", "kill-0001");
    JsonNode used = usage.now();
    killUnderLoad(before.keySet());
    server.restart();
    assertThat(usage.now().path("allocatedSeconds").asDouble())
        .as("no second that was shown is lost, and sandboxes of a killed server go on")
        .isGreaterThan(used.path("allocatedSeconds").asDouble());
    assertThat(usage.now().path("readySeconds").asDouble())
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
    usage.isWhatTheLifecycleLogSays(before.size());
  }

  @Test
  void theSpanOfARequestReachesAReceiverAsAChildOfTheCallers() {
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    String parent = "00-" + trace + "-00f067aa0ba902b7-01";
    HttpResponse<String> answer =
        stage
            .client()
            .send(pool.request("/echo?secret=1", "trace-0001").header("traceparent", parent));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).as("what the sandbox is told").contains(parent);

    List<Span> spans =
        await("its spans")
            .atMost(Duration.ofMinutes(1))
            .until(() -> spansOf(trace), list -> list.stream().anyMatch(RestartIT::isRequest));
    Span request = spans.stream().filter(RestartIT::isRequest).findFirst().orElseThrow();
    assertThat(hex(request.getParentSpanId())).isEqualTo("00f067aa0ba902b7");
    assertThat(request.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
    assertThat(request.getEndTimeUnixNano()).isGreaterThan(request.getStartTimeUnixNano());
    assertThat(request.toString())
        .contains("http.response.status_code", "/echo")
        .doesNotContain("secret", "trace-0001");
    assertThat(spans.stream().filter(it -> it.getParentSpanId().equals(request.getSpanId())))
        .extracting(Span::getName)
        .contains("claim", "first byte");
    pool.stop("trace-0001");
  }

  private static boolean isRequest(Span span) {
    return span.getName().equals("GET lasting");
  }

  private List<Span> spansOf(String trace) {
    return receiver.spans().stream().filter(it -> hex(it.getTraceId()).equals(trace)).toList();
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  @Test
  void noLineIsLostOrToldTwiceWhicheverProcessIsKilled() throws Exception {
    TestPool printing = stage.pool("printing", NONE_READY);
    // Each line is one longer than the one before, and the sandbox goes on whoever is away.
    printing.shell(
        "lines-001",
        """
        rm -f /tmp/stop /tmp/last
        nohup python3 -c "
        import os, time, urllib.request
        size = 100
        while not os.path.exists('/tmp/stop'):
            size += 1
            urllib.request.urlopen('http://127.0.0.1:8080/log?lines=1&bytes=%d' % size).read()
            time.sleep(0.05)
        open('/tmp/fresh', 'w').write(str(size))
        os.rename('/tmp/fresh', '/tmp/last')
        " >/dev/null 2>&1 &\
        """);
    String sandbox = printing.sandbox("lines-001");
    for (String victim : List.of("server", "engine", "supervisor", "server")) {
      int before = printed().size();
      await("it prints").atMost(Duration.ofMinutes(1)).until(() -> printed().size() > before + 5);
      server.kill(victim);
      server.recover();
    }
    printing.shell("lines-001", "touch /tmp/stop");
    await("it has stopped")
        .atMost(Duration.ofMinutes(1))
        .until(() -> !printing.shell("lines-001", "cat /tmp/last; true").isBlank());
    int last = Integer.parseInt(printing.shell("lines-001", "cat /tmp/last").strip());
    await("the last line").atMost(Duration.ofMinutes(1)).until(() -> printed().contains(last));
    List<Integer> all = IntStream.rangeClosed(101, last).boxed().toList();
    assertThat(printed()).isEqualTo(all);
    await("each line has been handed on")
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> assertThat(handedOn(sandbox)).isEqualTo(all));
    printing.stop("lines-001");
  }

  /** The lengths of the numbered lines, in the order in which they are told. */
  private List<Integer> printed() {
    return stage
        .cli()
        .ok("sandpool logs -n printing -g group --identifier lines-001 --since 1h")
        .lines()
        .filter(line -> line.matches("0 x+"))
        .map(String::length)
        .toList();
  }

  /** The same as a receiver has it, which knows what came twice by its name. */
  private List<Integer> handedOn(String sandbox) {
    Map<String, Integer> lengths = new LinkedHashMap<>();
    for (LogRecord record : receiver.records()) {
      String text = record.getBody().getStringValue();
      Map<String, String> attributes = new HashMap<>();
      record
          .getAttributesList()
          .forEach(it -> attributes.put(it.getKey(), it.getValue().getStringValue()));
      if (text.matches("0 x+") && sandbox.equals(attributes.get("sandpool.sandbox"))) {
        lengths.put(attributes.get("log.record.uid"), text.length());
      }
    }
    return List.copyOf(lengths.values());
  }

  @Test
  void whoFollowsSeesEachLineOnceWhileFilesAreReplaced() throws Exception {
    int batches = 12;
    int lines = 500;
    TestPool followed = stage.pool("followed", NONE_READY);
    followed.instance("follow-01");
    var launcher =
        new ProcessBuilder(
                TestCli.words(
                    "sandpool logs -n followed -g group --identifier follow-01 --since 1h"
                        + " --follow"))
            .redirectError(server.home().resolve("follow.err").toFile());
    launcher.command().set(0, TestServer.root().resolve("sandpool").toString());
    launcher.environment().putAll(stage.cli().environment());
    Process follow = launcher.start();
    CompletableFuture.delayedExecutor(3, TimeUnit.MINUTES).execute(follow::destroyForcibly);
    String batch =
        IntStream.range(0, lines)
            .mapToObj(number -> number + " " + "x".repeat(1999 - Integer.toString(number).length()))
            .collect(Collectors.joining());
    String expected = batch.repeat(batches);
    // Joined, because on a busy host a line may stop half-way for longer than its rest is awaited.
    var told = new StringBuilder();
    try (BufferedReader out = follow.inputReader(StandardCharsets.UTF_8)) {
      // More than the 10 MiB after which a console's file, and the 8 after which a stored one is
      // replaced.
      var output =
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < batches; i++) {
                  followed.get("/log?bytes=2000&lines=" + lines, "follow-01");
                }
              },
              Executors.newVirtualThreadPerTaskExecutor());
      while (told.length() < expected.length()) {
        String line = out.readLine();
        assertThat(line).as("it goes on").isNotNull();
        if (line.matches("[0-9]* ?x*")) {
          told.append(line);
        }
      }
      output.get();
    } finally {
      follow.destroyForcibly();
    }
    assertThat(told.toString().equals(expected)).as("each line once and in order").isTrue();
    followed.stop("follow-01");
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
    assertThat(usage.now().path("cost").asDouble())
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
