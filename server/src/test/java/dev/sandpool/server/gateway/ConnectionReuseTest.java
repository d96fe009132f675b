package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConnectionReuseTest {
  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  @Test
  void connectionToASandboxIsKept() throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");
    RawCaller caller = bed.call();

    for (int i = 0; i < 20; i++) {
      caller.send(GatewayBed.request("GET", "/?identifier=abcd", ""));
      assertThat(caller.receive().body()).isEqualTo("ok");
    }

    assertThat(sandbox.connections()).isEqualTo(1);
  }

  @Test
  void connectionIsNeverSharedBetweenSandboxes() throws Exception {
    StubSandbox first = bed.sandbox("first");
    StubSandbox second = bed.sandbox("second");
    RawCaller caller = bed.call();

    for (int i = 0; i < 20; i++) {
      caller.send(GatewayBed.request("GET", "/?identifier=user-" + i % 2, ""));
      assertThat(caller.receive().body()).isEqualTo(i % 2 == 0 ? "first" : "second");
    }

    assertThat(first.requests).allMatch(request -> request.line().contains("user-0"));
    assertThat(second.requests).allMatch(request -> request.line().contains("user-1"));
  }

  @Test
  void keptConnectionThatDiedIsReplacedForWhatMayBeSentTwice() throws Exception {
    StubSandbox sandbox =
        bed.sandbox(
            (request, in, out) -> {
              if (request.line().contains("/second") && request.connection() == 1) {
                throw new IOException("closes instead of answering");
              }
              StubSandbox.respond(out, "ok");
            });
    RawCaller caller = bed.call();

    caller.send(GatewayBed.request("GET", "/first?identifier=abcd", "")).receive();
    caller.send(GatewayBed.request("GET", "/second?identifier=abcd", ""));

    assertThat(caller.receive().body()).isEqualTo("ok");
    assertThat(sandbox.connections()).isEqualTo(2);
  }

  @Test
  void whatMustNotBeSentTwiceIsNot() throws Exception {
    StubSandbox sandbox =
        bed.sandbox(
            (request, in, out) -> {
              if (request.line().startsWith("POST")) {
                throw new IOException("closes instead of answering");
              }
              StubSandbox.respond(out, "ok");
            });
    RawCaller caller = bed.call();

    caller.send(GatewayBed.request("GET", "/?identifier=abcd", "")).receive();
    caller.send(GatewayBed.request("POST", "/?identifier=abcd", "Content-Length: 0\r\n"));

    assertThat(caller.receive().status()).isEqualTo(502);
    assertThat(sandbox.requests).hasSize(2);
  }

  /** Applications close connections that are idle, and may do so while a request is on its way. */
  @Test
  void whatMustNotBeSentTwiceTakesNoConnectionThatHasBeenIdle() throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");
    RawCaller caller = bed.call();
    String get = GatewayBed.request("GET", "/?identifier=abcd", "");
    String post = GatewayBed.request("POST", "/?identifier=abcd", "Content-Length: 0\r\n");
    assertThat(caller.send(get).receive().body()).isEqualTo("ok");
    awaitIdle();

    assertThat(caller.send(get).receive().body()).isEqualTo("ok");
    assertThat(sandbox.connections()).as("of what may be sent twice").isEqualTo(1);
    awaitIdle();
    assertThat(caller.send(post).receive().body()).isEqualTo("ok");
    assertThat(sandbox.connections()).isEqualTo(2);
  }

  private static void awaitIdle() {
    long since = System.nanoTime();
    await().until(() -> System.nanoTime() - since > Duration.ofMillis(1100).toNanos());
  }

  /** Hints are an answer's beginning: the sandbox is at work on the request. */
  @Test
  void whatTheSandboxHasSaidSomethingToIsNotSentTwice() throws Exception {
    StubSandbox sandbox =
        bed.sandbox(
            (request, in, out) -> {
              if (request.line().contains("/second")) {
                StubSandbox.write(out, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
                throw new IOException("closes instead of answering");
              }
              StubSandbox.respond(out, "ok");
            });
    RawCaller caller = bed.call();
    caller.send(GatewayBed.request("GET", "/first?identifier=abcd", "")).receive();

    caller.send(GatewayBed.request("GET", "/second?identifier=abcd", ""));

    assertThat(caller.receive().status()).isEqualTo(103);
    assertThat(caller.receive().status()).isEqualTo(502);
    assertThat(sandbox.requests).hasSize(2);
  }

  @Test
  void connectionsEndWithTheirSession() throws Exception {
    var ended = new java.util.concurrent.CountDownLatch(1);
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.respond(out, "ok");
          assertThat(in.read()).isNegative();
          ended.countDown();
        });
    bed.get("/?identifier=abcd");

    assertThat(bed.post("/.management/stopSession?identifier=abcd").status()).isEqualTo(200);

    assertThat(ended.await(20, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
  }
}
