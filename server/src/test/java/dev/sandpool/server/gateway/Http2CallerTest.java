package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** HTTP/2 without TLS, by the JDK's client (which upgrades) and curl (which knows). */
class Http2CallerTest {
  private GatewayBed bed;
  private HttpClient client;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
    client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    bed.close();
  }

  private HttpRequest.Builder request(String rest) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + bed.port() + GatewayBed.BASE + rest))
        .header("Authorization", "Bearer " + GatewayBed.TOKEN);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** Answers with the request line and the body. */
  private StubSandbox echo() throws IOException {
    return bed.sandbox(
        (request, in, out) ->
            StubSandbox.respond(out, request.line() + " " + Bodies.read(request, in)));
  }

  @Test
  void upgradedConnectionAndItsStreamsAreForwarded() throws Exception {
    StubSandbox sandbox = echo();

    for (int i = 0; i < 3; i++) {
      HttpResponse<String> answer = send(request("/a%2Fb/../" + i + "?identifier=abcd"));

      assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(answer.body()).isEqualTo("GET /a%2Fb/../" + i + "?identifier=abcd HTTP/1.1 ");
      assertThat(answer.headers().firstValue("sandpool-request-id")).isPresent();
    }
    StubSandbox.Request seen = sandbox.requests.element();
    assertThat(seen.header("Host")).containsExactly("127.0.0.1:" + bed.port());
    assertThat(seen.header("Transfer-Encoding")).isEmpty();
    assertThat(seen.header("Authorization")).isEmpty();
    assertThat(seen.header("HTTP2-Settings")).isEmpty();
  }

  @Test
  void bodiesArriveWithAndWithoutLength() throws Exception {
    StubSandbox sandbox = echo();
    var unknown =
        HttpRequest.BodyPublishers.ofInputStream(
            () -> new ByteArrayInputStream("streamed".getBytes(StandardCharsets.US_ASCII)));

    for (int i = 0; i < 2; i++) {
      HttpResponse<String> known =
          send(request("/?identifier=abcd").POST(HttpRequest.BodyPublishers.ofString("known")));
      HttpResponse<String> streamed = send(request("/?identifier=abcd").POST(unknown));

      assertThat(known.body()).endsWith(" known");
      assertThat(streamed.body()).endsWith(" streamed");
    }
    assertThat(sandbox.requests)
        .allMatch(
            seen ->
                seen.header("Content-Length").size() + seen.header("Transfer-Encoding").size()
                    == 1);
  }

  @Test
  void manyStreamsOfOneConnectionAreServedAtOnce() throws Exception {
    var all = new CountDownLatch(20);
    bed.sandbox(
        (request, in, out) -> {
          all.countDown();
          assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
          StubSandbox.respond(out, request.line());
        });
    assertThat(send(request("/none?identifier=x")).statusCode()).isEqualTo(400);

    var answers =
        IntStream.range(0, 20)
            .mapToObj(
                i ->
                    client.sendAsync(
                        request("/" + i + "?identifier=abcd").build(),
                        HttpResponse.BodyHandlers.ofString()))
            .toList();

    for (int i = 0; i < answers.size(); i++) {
      assertThat(answers.get(i).get(20, TimeUnit.SECONDS).body()).contains("/" + i + "?");
    }
  }

  @Test
  void callerThatCancelsOneStreamLeavesTheSandboxAndKeepsTheOthers() throws Exception {
    var left = new CompletableFuture<Integer>();
    bed.sandbox(
        (request, in, out) -> {
          if (request.line().contains("/slow")) {
            StubSandbox.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx");
            left.complete(in.read());
          }
          StubSandbox.respond(out, "quick");
        });
    send(request("/first?identifier=abcd"));
    HttpResponse<InputStream> slow =
        client.send(
            request("/slow?identifier=abcd").build(), HttpResponse.BodyHandlers.ofInputStream());
    assertThat(slow.body().read()).isEqualTo('x');

    slow.body().close();

    assertThat(left.get(20, TimeUnit.SECONDS)).isEqualTo(-1);
    assertThat(send(request("/quick?identifier=abcd")).body()).isEqualTo("quick");
    await().until(() -> Objects.requireNonNull(bed.session("abcd")).inFlight() == 0);
  }

  @Test
  void sandboxThatEndsInItsAnswerCutsThatStreamAlone() throws Exception {
    var go = new CountDownLatch(1);
    bed.sandbox(
        (request, in, out) -> {
          if (request.line().contains("/cut")) {
            StubSandbox.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx");
            throw new IOException("the sandbox ends");
          }
          assertThat(go.await(20, TimeUnit.SECONDS)).isTrue();
          StubSandbox.respond(out, "whole");
        });
    var warm = send(request("/none?identifier=x"));
    assertThat(warm.version()).isEqualTo(HttpClient.Version.HTTP_2);
    var whole =
        client.sendAsync(
            request("/whole?identifier=abcd").build(), HttpResponse.BodyHandlers.ofString());

    assertThatThrownBy(() -> send(request("/cut?identifier=abcd"))).isInstanceOf(IOException.class);
    go.countDown();

    assertThat(whole.get(20, TimeUnit.SECONDS).body()).isEqualTo("whole");
  }

  /** What it leaves unread fills the window of its own stream, and not that of the connection. */
  @Test
  void sandboxThatDoesNotReadHoldsUpNoOtherStreamOfItsCaller() throws Exception {
    var go = new CountDownLatch(1);
    bed.sandbox(
        (request, in, out) -> {
          go.await();
          throw new IOException("has read nothing");
        });
    assertThat(send(request("/none?identifier=x")).version()).isEqualTo(HttpClient.Version.HTTP_2);
    var taken = new AtomicLong();
    var upload =
        client.sendAsync(
            request("/deaf?identifier=deaf")
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> until(go, taken)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    var last = new AtomicLong();
    await()
        .pollInterval(Duration.ofMillis(500))
        .atMost(Duration.ofSeconds(30))
        .until(() -> taken.get() > 0 && last.getAndSet(taken.get()) == taken.get());
    echo();

    HttpResponse<String> other =
        client
            .sendAsync(
                request("/?identifier=abcd").POST(HttpRequest.BodyPublishers.ofString("b")).build(),
                HttpResponse.BodyHandlers.ofString())
            .get(20, TimeUnit.SECONDS);

    assertThat(other.body()).isEqualTo("POST /?identifier=abcd HTTP/1.1 b");
    go.countDown();
    assertThat(upload.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(502);
  }

  private static InputStream until(CountDownLatch end, AtomicLong taken) {
    return new InputStream() {
      @Override
      public int read() {
        return end.getCount() == 0 ? -1 : (int) taken.incrementAndGet() & 0x7f;
      }

      @Override
      public int read(byte[] to, int offset, int length) {
        taken.addAndGet(length);
        return end.getCount() == 0 ? -1 : length;
      }
    };
  }

  @Test
  void answersOfOursHaveTheirCode() throws Exception {
    send(request("/?identifier=x")); // The change to HTTP/2 and 'Expect' do not mix in this client.

    HttpResponse<String> refused =
        send(
            request("/?identifier=a")
                .expectContinue(true)
                .POST(HttpRequest.BodyPublishers.ofString("body")));

    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.headers().firstValue("x-ms-error-code"))
        .contains("InvalidLengthOfSessionIdentifier");
  }

  @Test
  void curlThatKnowsBeforehandIsServed() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          if (request.line().startsWith("HEAD")) {
            StubSandbox.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n");
          } else {
            StubSandbox.respond(out, request.line() + " " + Bodies.read(request, in));
          }
        });

    assertThat(curl("--data", "body")).isEqualTo("POST /c?identifier=abcd HTTP/1.1 body 2");
    assertThat(curl("-I")).contains("HTTP/2 200").contains("content-length: 99");
  }

  @Test
  void interimAnswersPassInTheirStream() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(out, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
          StubSandbox.respond(out, "ok");
        });

    String said = curl("-i");

    assertThat(said).contains("HTTP/2 103").contains("link: </a>").contains("HTTP/2 200");
    assertThat(said).endsWith("ok 2");
  }

  private String curl(String... options) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("curl", "-sS", "--http2-prior-knowledge", "-w", " %{http_version}"));
    command.addAll(List.of("-H", GatewayBed.AUTH.strip()));
    command.addAll(List.of(options));
    command.add("http://127.0.0.1:" + bed.port() + GatewayBed.BASE + "/c?identifier=abcd");
    Process curl = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(curl.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(curl.waitFor()).as(said).isZero();
    return said;
  }
}
