package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.SessionKey;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One caller, or one identifier, must not take what all share (G10). */
class CallerBoundsTest {
  private static final int BURST = 300;

  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed(Duration.ofSeconds(30), Duration.ofMinutes(4), 10);
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  private void bounds(int allocations, int rate, int inFlight) {
    bed.options(
        new PoolRoute.Options(
            null,
            false,
            false,
            null,
            new PoolBounds(false, allocations, rate, inFlight, 0),
            BrowserRules.DEFAULT));
  }

  private static void refused(RawCaller.Answer answer, int status, String code) {
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.header("x-ms-error-code")).containsExactly(code);
    assertThat(answer.header("Retry-After")).hasSize(1);
  }

  @Test
  void principalGetsNoMoreNewSessionsThanItMay_itsOldOnesGoOn() throws Exception {
    bounds(2, 0, 0);
    for (int i = 0; i < 4; i++) {
      bed.sandbox("ok");
    }
    bed.get("/?identifier=user-1");
    bed.get("/?identifier=user-2");

    RawCaller.Answer third = bed.get("/?identifier=user-3");

    refused(third, 429, "TooManyAllocations");
    assertThat(Integer.parseInt(third.header("Retry-After").getFirst())).isBetween(25, 30);
    assertThat(bed.get("/?identifier=user-1").body()).isEqualTo("ok");
    assertThat(bed.session("user-3")).isNull();
  }

  @Test
  void hundredFirstRequestsOfOneIdentifierMakeOneSandboxAndCountOnce() throws Exception {
    bounds(2, 0, 0);
    bed.sandbox("one");
    bed.sandbox("two");
    Callable<String> call = () -> bed.get("/?identifier=abcd").body();

    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> answers =
          callers.invokeAll(IntStream.range(0, 100).mapToObj(i -> call).toList());
      for (Future<String> answer : answers) {
        assertThat(answer.get()).isEqualTo("one");
      }
    }
    assertThat(bed.get("/?identifier=another").body()).isEqualTo("two");
  }

  @Test
  void burstOfAsManyNewIdentifiersAsAreReady_givesEachASandboxOfItsOwn() throws Exception {
    bed.close();
    bed = new GatewayBed(Duration.ofSeconds(30), Duration.ofMinutes(4), BURST);
    for (int i = 0; i < BURST; i++) {
      bed.sandbox("sandbox " + i);
    }

    Set<String> served = new HashSet<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<String>> calls = new ArrayList<>();
      for (int i = 0; i < BURST; i++) {
        String rest = "/?identifier=burst-" + i;
        calls.add(() -> first(rest));
      }
      for (Future<String> answer : callers.invokeAll(calls)) {
        served.add(answer.get());
      }
    }

    assertThat(served).hasSize(BURST).allMatch(body -> body.startsWith("sandbox "));
  }

  private String first(String rest) throws IOException {
    try (RawCaller caller = new RawCaller(bed.port())) {
      return caller.send(GatewayBed.request("GET", rest, "")).receive().body();
    }
  }

  @Test
  void whatCouldNotBeHadIsNotCounted() throws Exception {
    bounds(1, 0, 0);
    bed.ledger.setWritable(false);
    refused(bed.get("/?identifier=user-1"), 503, "LedgerUnavailable");
    bed.ledger.setWritable(true);
    bed.sandbox("ok");

    assertThat(bed.get("/?identifier=user-1").body()).isEqualTo("ok");
  }

  @Test
  void identifierThatCallsTooOftenIsTold_othersAreServed() throws Exception {
    bounds(0, 2, 0);
    bed.sandbox("ok");
    bed.sandbox("ok");
    RawCaller.Answer last = bed.get("/?identifier=often");
    for (int i = 0; i < 20 && last.status() == 200; i++) {
      last = bed.get("/?identifier=often");
    }

    refused(last, 429, "TooManyRequests");
    assertThat(bed.get("/?identifier=seldom").body()).isEqualTo("ok");
  }

  @Test
  void poolThatIsBusySaysSoAndRecovers() throws Exception {
    bounds(0, 0, 2);
    var go = new CountDownLatch(1);
    StubSandbox sandbox =
        bed.sandbox(
            (request, in, out) -> {
              go.await();
              StubSandbox.respond(out, "at last");
            });
    RawCaller first = bed.call().send(GatewayBed.request("GET", "/1?identifier=abcd", ""));
    RawCaller second = bed.call().send(GatewayBed.request("GET", "/2?identifier=abcd", ""));
    await().until(() -> sandbox.requests.size() == 2);

    refused(bed.get("/3?identifier=abcd"), 503, "SessionPoolBusy");
    go.countDown();
    assertThat(first.receive().body()).isEqualTo("at last");
    assertThat(second.receive().body()).isEqualTo("at last");

    await().untilAsserted(() -> assertThat(bed.get("/4?identifier=abcd").status()).isEqualTo(200));
  }

  @Test
  void callerWhoLeavesTheLineGetsNoSandbox() throws Exception {
    RawCaller leaving = bed.call().send(GatewayBed.request("GET", "/?identifier=gone", ""));
    RawCaller body =
        bed.call()
            .send(GatewayBed.request("POST", "/?identifier=also", "Content-Length: 5\r\n"))
            .send("he");
    await().until(() -> bed.sessions.waiting(bed.poolId()) == 2);

    leaving.close();
    body.close();

    await().until(() -> bed.sessions.waiting(bed.poolId()) == 0);
    SandboxId untouched = bed.ready(9);
    bed.sessions.poolChanged(bed.poolId());
    assertThat(bed.ledger.sandbox(untouched))
        .hasValueSatisfying(sandbox -> assertThat(sandbox.state()).isEqualTo(SandboxState.READY));
  }

  @Test
  void identifierWhoseSandboxesKeepEndingHasToWait() throws Exception {
    for (int life = 0; life < 3; life++) {
      bed.sandbox("ok");
      assertThat(bed.get("/?identifier=killer").body()).isEqualTo("ok");
      SandboxId sandbox = java.util.Objects.requireNonNull(bed.session("killer")).sandbox();
      bed.ledger.markStopping(sandbox, "exited", java.time.Instant.EPOCH);
      bed.sessions.sandboxEnding(sandbox);
      bed.ledger.markGone(sandbox, java.time.Instant.EPOCH);
      bed.sessions.sandboxGone(sandbox);
    }
    bed.sandbox("ok");

    refused(bed.get("/?identifier=killer"), 429, "SessionCrashing");
    assertThat(bed.get("/?identifier=neighbour").body()).isEqualTo("ok");
  }

  @Test
  void stoppedSessionsAreNoCrashes() throws Exception {
    for (int life = 0; life < 5; life++) {
      bed.sandbox("ok");
      assertThat(bed.get("/?identifier=tidy").body()).isEqualTo("ok");
      bed.sessions.stop(new SessionKey(bed.poolId(), "tidy"), "test");
    }
    bed.sandbox("ok");

    assertThat(bed.get("/?identifier=tidy").body()).isEqualTo("ok");
  }
}
