package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.server.ledger.SessionKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Text blocks would hide the line ends that the tests are about. */
@SuppressWarnings("StringConcatToTextBlock")
class SandboxFailureTest {
  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed(Duration.ofSeconds(30), Duration.ofMillis(400), 10);
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  private void assertNothingInFlight(String identifier) {
    await()
        .untilAsserted(
            () -> assertThat(Objects.requireNonNull(bed.session(identifier)).inFlight()).isZero());
  }

  private static void assertGone(RawCaller.Answer answer, String code) {
    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.header("x-ms-error-code")).containsExactly(code);
  }

  @Test
  void applicationThatClosesWithoutAnAnswerIsNotCalledASandboxThatEnded() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          throw new IOException("gone");
        });

    assertGone(bed.post("/?identifier=abcd"), "SandboxClosedConnection");
    assertNothingInFlight("abcd");
  }

  @Test
  void sandboxThatEndsBeforeItsAnswerIsSaid_alsoWhereItsEndIsHeardOfLater() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          throw new IOException("gone");
        });

    CompletableFuture<RawCaller.Answer> answer = later(() -> bed.post("/?identifier=abcd"));
    assertThat(answer).as("waits to hear of the end").failsWithin(Duration.ofMillis(100));
    bed.sessions.stop(new SessionKey(bed.poolId(), "abcd"), "its container ended");

    assertGone(answer.get(10, TimeUnit.SECONDS), "SessionEnded");
  }

  private static CompletableFuture<RawCaller.Answer> later(Callable<RawCaller.Answer> call) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return call.call();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void applicationThatClosesInAnUploadIsSaid_andTheCallersNextRequestIsReadBehindIt()
      throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          in.readNBytes(5);
          throw new IOException("gone");
        });
    RawCaller caller =
        bed.call()
            .send(GatewayBed.request("POST", "/?identifier=abcd", "Content-Length: 10\r\n"))
            .send("01234");

    RawCaller.Answer answer = caller.receive();
    caller.send("56789").send(GatewayBed.request("GET", "/?identifier=a", ""));

    assertGone(answer, "SandboxClosedConnection");
    assertThat(caller.receive().header("x-ms-error-code"))
        .containsExactly("InvalidLengthOfSessionIdentifier");
    assertNothingInFlight("abcd");
  }

  @Test
  void sandboxThatEndsInItsAnswerCutsTheCaller() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
          throw new IOException("gone");
        });
    RawCaller caller = bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", ""));

    StubSandbox.readHead(caller.in());
    caller.in().readNBytes(4);

    assertThat(caller.isCut()).isTrue();
    assertNothingInFlight("abcd");
  }

  @Test
  void sandboxThatStopsListeningLaterIsUnreachable() throws Exception {
    StubSandbox sandbox =
        bed.sandbox(
            (request, in, out) ->
                StubSandbox.write(
                    out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    assertThat(bed.get("/?identifier=abcd").status()).isEqualTo(200);
    sandbox.close();

    RawCaller.Answer answer = bed.get("/?identifier=abcd");

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.header("x-ms-error-code")).containsExactly("SandboxUnreachable");
    assertNothingInFlight("abcd");
  }

  @Test
  void sandboxWhoseEndIsNotKnownYetIsReplacedAndNotCalledUnreachable() throws Exception {
    StubSandbox sandbox =
        bed.sandbox(
            (request, in, out) ->
                StubSandbox.write(
                    out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    assertThat(bed.get("/?identifier=abcd").status()).isEqualTo(200);
    sandbox.close();
    bed.sandbox("of the next");

    CompletableFuture<RawCaller.Answer> answer = later(() -> bed.post("/?identifier=abcd"));
    assertThat(answer).as("waits to hear of the end").failsWithin(Duration.ofMillis(100));
    bed.sessions.stop(new SessionKey(bed.poolId(), "abcd"), "its container ended");

    assertThat(answer.get(10, TimeUnit.SECONDS).body()).isEqualTo("of the next");
  }

  @Test
  void sandboxThatDiesOverARequestHasEndedAlsoOnAConnectionThatWasUsedBefore() throws Exception {
    var dying = new AtomicReference<@Nullable StubSandbox>();
    dying.set(
        bed.sandbox(
            (request, in, out) -> {
              StubSandbox sandbox = dying.get();
              if (sandbox != null && request.line().contains("/die")) {
                sandbox.close();
              } else {
                StubSandbox.respond(out, "ok");
              }
            }));
    assertThat(bed.get("/?identifier=abcd").status()).isEqualTo(200);

    CompletableFuture<RawCaller.Answer> answer = later(() -> bed.get("/die?identifier=abcd"));
    assertThat(answer).as("waits to hear of the end").failsWithin(Duration.ofMillis(100));
    bed.sessions.stop(new SessionKey(bed.poolId(), "abcd"), "its container ended");

    assertGone(answer.get(10, TimeUnit.SECONDS), "SessionEnded");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "this is not HTTP\r\n\r\n",
        "HTTP/1.1 099 Low\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nX-Nul: a\u0000b\r\nContent-Length: 0\r\n\r\n",
      })
  void sandboxThatSpeaksNoHttpIsSaid(String sent) throws Exception {
    bed.sandbox((request, in, out) -> StubSandbox.write(out, sent));

    RawCaller.Answer answer = bed.get("/?identifier=abcd");

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.header("x-ms-error-code")).containsExactly("InvalidSandboxResponse");
    assertNothingInFlight("abcd");
  }

  /**
   * Said at once: what comes when the next request has been sent cannot be told from its answer.
   */
  @Test
  void whatASandboxSaysUnaskedReachesNobody() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          var said = new ByteArrayOutputStream();
          StubSandbox.respond(said, "ok");
          StubSandbox.respond(said, "poison");
          out.write(said.toByteArray());
        });

    for (int i = 0; i < 20; i++) {
      assertThat(bed.get("/?identifier=abcd").body()).isEqualTo("ok");
    }
  }

  @Test
  void streamThatStandsStillIsCut() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
          in.read();
        });
    RawCaller caller = bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", ""));
    StubSandbox.readHead(caller.in());
    caller.in().readNBytes(4);

    assertThat(caller.isCut()).isTrue();
    assertNothingInFlight("abcd");
  }

  @Test
  void uploadThatStandsStillIsAnswered() throws Exception {
    bed.sandbox((request, in, out) -> in.read());

    RawCaller.Answer answer =
        bed.call()
            .send(GatewayBed.request("POST", "/?identifier=abcd", "Content-Length: 10\r\n"))
            .receive();

    assertThat(answer.status()).isEqualTo(504);
    assertThat(answer.header("x-ms-error-code")).containsExactly("SandboxTimeout");
    assertNothingInFlight("abcd");
  }

  @Test
  void waitForTheFirstByteIsNotLimited() throws Exception {
    long begin = System.nanoTime();
    bed.sandbox(
        (request, in, out) -> {
          await()
              .pollDelay(Duration.ZERO)
              .until(() -> System.nanoTime() - begin > Duration.ofMillis(1500).toNanos());
          StubSandbox.respond(out, "late");
        });

    assertThat(bed.get("/?identifier=abcd").body()).isEqualTo("late");
  }

  @Test
  void stoppedSessionCutsItsRequests() throws Exception {
    StubSandbox sandbox = bed.sandbox((request, in, out) -> in.read());
    RawCaller caller = bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", ""));
    await().until(() -> !sandbox.requests.isEmpty());

    bed.sessions.stop(new SessionKey(bed.poolId(), "abcd"), "test");

    RawCaller.Answer answer = caller.receive();
    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.header("x-ms-error-code")).containsExactly("SessionEnded");
  }
}
