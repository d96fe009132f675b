package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs that are not ours, through the gateway to an application in a real sandbox. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForeignClientsIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int MESSAGES_PER_SECOND = 1000;

  /** Messages one after another and events, then tells how many came in their order. */
  private static final String PAGE =
      """
      <!doctype html><title>page</title><script>
      let messages = 0, events = 0;
      const socket = new WebSocket("ws://" + location.host + "/websocket");
      socket.onopen = () => { for (let i = 0; i < 50; i++) socket.send("message " + i); };
      socket.onmessage = message => {
        if (message.data === "message " + messages) messages++;
        if (messages === 50) socket.close(1000);
      };
      socket.onclose = close => {
        const source = new EventSource("/events?count=5&interval=0.05");
        source.onmessage = event => { if (event.data === "event " + events) events++; };
        source.onerror = () => {
          source.close();
          fetch("/result?messages=" + messages + "&events=" + events + "&code=" + close.code);
        };
      };
      </script>
      """;

  private final Stage stage;
  private final TestPool pool;

  @SuppressWarnings("NullAway.Init") // JUnit sets it before each test.
  @TempDir
  Path folder;

  ForeignClientsIT() throws Exception {
    stage = Stage.development("foreign", "");
    pool = stage.pool("foreign", "--max-sessions 3 --ready-sessions 1 --cooldown-period 300");
  }

  @AfterAll
  void nothingIsLeft() throws Exception {
    stage.close();
  }

  private String url(String path) {
    return pool.endpoint() + path + (path.contains("?") ? "&" : "?") + "identifier=foreign";
  }

  private String authorization() {
    return "Authorization: Bearer " + pool.client().token(TestClient.SESSIONS);
  }

  /** Runs a program that ends by itself: all that it says. */
  private String run(String... command) throws Exception {
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(output.toFile())
            .start();
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      throw new AssertionError("still runs: " + Files.readString(output));
    }
    return Files.readString(output, StandardCharsets.ISO_8859_1);
  }

  @Test
  void browserTalksOverAWebSocketAndHearsEvents() throws Exception {
    Process browser = null;
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    try (var relay = new BrowserRelay(pool, "foreign", PAGE)) {
      var builder =
          new ProcessBuilder(
                  "chromium",
                  "--headless",
                  "--no-sandbox",
                  "--disable-gpu",
                  "--disable-quic",
                  "--disable-dev-shm-usage",
                  "--no-first-run",
                  "--disable-background-networking",
                  "--disable-component-update",
                  "--disable-sync",
                  "--user-data-dir=" + folder.resolve("browser"),
                  relay.url())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("browser.log").toFile());
      builder.environment().put("TMPDIR", temporary.toString());
      browser = builder.start();

      String result = relay.result().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

      assertThat(result).isEqualTo("messages=50&events=5&code=1000");
    } finally {
      end(browser);
    }
  }

  /** With all that it has started. */
  private static void end(@Nullable Process browser) throws InterruptedException {
    if (browser != null) {
      List<ProcessHandle> all =
          Stream.concat(browser.descendants(), Stream.of(browser.toHandle())).toList();
      all.forEach(ProcessHandle::destroyForcibly);
      browser.waitFor();
      await().atMost(PATIENCE).until(() -> all.stream().noneMatch(ProcessHandle::isAlive));
    }
  }

  @ParameterizedTest
  @CsvSource({"--h1", "''"})
  void h2loadSeesNoRequestFail(String protocol) throws Exception {
    List<String> command = new ArrayList<>(List.of("h2load", "-n", "600", "-c", "4"));
    if (!protocol.isEmpty()) {
      command.add(protocol);
    }
    command.addAll(List.of("-m", "8", "-H", authorization(), url("/health")));

    String said = run(command.toArray(String[]::new));

    assertThat(said).contains("600 succeeded, 0 failed, 0 errored, 0 timeout");
    assertThat(said).contains("status codes: 600 2xx, 0 3xx, 0 4xx, 0 5xx");
  }

  @Test
  void wrkSeesNoRequestFail() throws Exception {
    String said =
        run("wrk", "-t1", "-c8", "-d3s", "--timeout", "60s", "-H", authorization(), url("/health"));

    assertThat(said).contains("requests in ");
    assertThat(said).doesNotContain("Non-2xx", "Socket errors", " 0 requests in");
  }

  /** Options, the path, the status, and what the answer holds; {@code |} separates options. */
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "--http1.0, /echo, 200, '\"method\": \"GET\"'",
    "--http1.1|--no-keepalive, /echo, 200, '\"method\": \"GET\"'",
    "--http2, /echo, 200, '\"method\": \"GET\"'",
    "--http2-prior-knowledge, /echo, 200, '\"method\": \"GET\"'",
    "--http2-prior-knowledge|-d|x=y, /echo, 200, '\"bodyBytes\": 3'",
    "-T|FILE, /upload, 200, '\"bytes\": 300000'",
    "-T|FILE|-HTransfer-Encoding: chunked, /upload, 200, '\"bytes\": 300000'",
    "-T|FILE|-HExpect: 100-continue|--expect100-timeout|60, /upload, 200, '\"bytes\": 300000'",
    "-T|FILE|--http1.0, /upload, 200, '\"bytes\": 300000'",
    "-T|FILE|--http2-prior-knowledge, /upload, 200, '\"bytes\": 300000'",
    "--data-binary|@FILE|--limit-rate|2M, /upload, 200, '\"bytes\": 300000'",
    "-Fa=b, /echo, 200, 'multipart/form-data'",
    "-d||-HContent-Length: 0, /echo, 200, '\"bodyBytes\": 0'",
    "--path-as-is, /a/../b/./%2e%2E/%2F//c, 404, 'nothing at /a/../b/./%2e%2E/%2F//c'",
    "-g, /[a]{b}/%25, 404, 'nothing at /[a]{b}/%25'",
    "-r|0-9, /echo, 200, 'bytes=0-9'",
    "-I, /bytes?size=7, 200, ''",
    "-I|--http1.0, /bytes?size=7, 200, ''",
    "-X|OPTIONS, /echo, 200, '\"method\": \"OPTIONS\"'",
    "-X|DELETE, /echo, 200, '\"method\": \"DELETE\"'",
    "-X|PROPFIND, /echo, 200, '\"method\": \"PROPFIND\"'",
    "--tr-encoding, /echo, 200, '\"method\": \"GET\"'",
    "--compressed|--raw, /echo, 200, 'gzip'",
    "-HX-Empty;, /echo, 200, 'X-Empty'",
    "-A|, /echo, 200, '\"method\": \"GET\"'",
    "-e|https://a.test/|-b|c=d, /echo, 200, 'c=d'",
    "--ignore-content-length, /bytes?size=3, 200, 'xxx'",
    "-N, /stream?count=3&interval=0.1, 200, '{\"n\": 2}'",
    "--tcp-nodelay|--tcp-fastopen, /echo, 200, '\"method\": \"GET\"'",
    "-HHost:, /echo, 400, 'MissingHost'",
    "--haproxy-protocol, /echo, 400, ''",
    "-X|CONNECT, /echo, 405, ''",
    "-HExpect: other, /echo, 417, 'ExpectationFailed'",
  })
  void oddOptionsOfCurlDoWhatTheySay(String options, String path, int status, String holds)
      throws Exception {
    Path file = folder.resolve("300k");
    Files.writeString(file, "x".repeat(300_000));
    List<String> command = new ArrayList<>(List.of("curl", "-sS", "-i", "--max-time", "120"));
    command.addAll(List.of(options.replace("FILE", file.toString()).split("\\|", -1)));
    command.addAll(List.of("-H", authorization(), url(path)));

    String said = run(command.toArray(String[]::new));

    assertThat(said).as(options).containsPattern("HTTP/[0-9.]+ " + status);
    assertThat(said).as(options).contains(holds);
    assertThat(pool.get("/health", "foreign").statusCode()).isEqualTo(200);
  }

  /** A minute in the soak. */
  @Test
  void manySmallMessagesBothWaysArriveAllAndInOrder() throws Exception {
    int seconds = Boolean.getBoolean("sandpool.soak") ? 60 : 5;
    int count = seconds * MESSAGES_PER_SECOND;
    var back = new Listener();
    try (HttpClient client = HttpClient.newHttpClient()) {
      WebSocket socket =
          client
              .newWebSocketBuilder()
              .header("Authorization", authorization().substring("Authorization: ".length()))
              .buildAsync(URI.create(url("/websocket").replaceFirst("^http", "ws")), back)
              .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      long begin = System.nanoTime();
      for (int i = 0; i < count; i++) {
        long due = begin + i * (1_000_000_000L / MESSAGES_PER_SECOND);
        LockSupport.parkNanos(Math.max(0, due - System.nanoTime()));
        socket.sendText("message " + i, true).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
      await("messages come back")
          .atMost(PATIENCE)
          .until(() -> back.inOrder.get() == count || !back.wrong.isEmpty());
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
    assertThat(back.wrong).isEmpty();
    assertThat(back.inOrder).hasValue(count);
  }

  private static final class Listener implements WebSocket.Listener {
    private final AtomicInteger inOrder = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private final StringBuilder part = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      part.append(data);
      if (last) {
        if (!part.toString().equals("message " + inOrder.get())) {
          wrong.add(part.toString());
        }
        inOrder.incrementAndGet();
        part.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      wrong.add(String.valueOf(error));
    }
  }
}
