package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.Lifecycle;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.Samples;
import dev.sandpool.server.ledger.SandboxState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AllocationRetryTest {
  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed(Duration.ofMillis(500), Duration.ofMinutes(4), 3);
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  private SandboxId refusing() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return bed.ready(socket.getLocalPort());
    }
  }

  @Test
  void sandboxThatRefusesItsFirstConnectionIsReplaced() throws Exception {
    SandboxId useless = refusing();
    bed.sandbox(
        (request, in, out) ->
            StubSandbox.respond(out, new String(in.readNBytes(5), StandardCharsets.US_ASCII)));

    RawCaller.Answer answer =
        bed.call()
            .send(GatewayBed.request("POST", "/?identifier=abcd", "Content-Length: 5\r\n"))
            .send("hello")
            .receive();

    assertThat(answer.body()).isEqualTo("hello");
    assertThat(answer.header("sandpool-allocation-time-ms")).hasSize(1);
    assertThat(bed.ledger.sandbox(useless))
        .hasValueSatisfying(sandbox -> assertThat(sandbox.state()).isEqualTo(SandboxState.GONE));
  }

  @Test
  void threeUselessSandboxesAreEnough() throws Exception {
    refusing();
    refusing();
    refusing();
    StubSandbox untouched = bed.sandbox("ok");

    RawCaller.Answer answer = bed.get("/?identifier=abcd");

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.header("x-ms-error-code")).containsExactly("SandboxUnreachable");
    assertThat(untouched.connections()).isZero();
  }

  @Test
  void manyFirstRequestsOfOneIdentifierReachOneSandbox() throws Exception {
    refusing();
    bed.sandbox("one");
    bed.sandbox("two");
    Callable<String> call = () -> bed.get("/?identifier=abcd").body();

    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> answers =
          callers.invokeAll(IntStream.range(0, 20).mapToObj(i -> call).toList());
      for (Future<String> answer : answers) {
        assertThat(answer.get()).isEqualTo("one");
      }
    }
  }

  @Test
  void fullPoolIsSaidWithAHintWhenToComeBack() throws Exception {
    for (int i = 0; i < 3; i++) {
      bed.sandbox("ok");
      bed.get("/?identifier=user-" + i);
    }

    RawCaller.Answer answer = bed.get("/?identifier=one-too-many");

    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.header("x-ms-error-code")).containsExactly("SessionPoolFull");
    assertThat(Integer.parseInt(answer.header("Retry-After").getFirst()))
        .as("its oldest session has five minutes, and nobody is told to stay away for longer")
        .isEqualTo(60);
  }

  @Test
  void fullPoolTellsWhenItsFirstSessionEnds() throws Exception {
    PoolRecord pool = Samples.pool(1, 1);
    var shortlived =
        new PoolRecord(
            pool.id(),
            pool.resourceId(),
            pool.environmentId(),
            pool.name(),
            pool.generation(),
            pool.maxSessions(),
            pool.readySessions(),
            new Lifecycle.Timed(Duration.ofSeconds(40)),
            pool.network(),
            pool.active(),
            pool.desired(),
            pool.provisioning(),
            pool.changedAt());
    bed.ledger.putPool(shortlived, Samples.document(shortlived));
    bed.sandbox("ok");
    bed.get("/?identifier=user-1");

    RawCaller.Answer answer = bed.get("/?identifier=one-too-many");

    assertThat(answer.header("x-ms-error-code")).containsExactly("SessionPoolFull");
    assertThat(Integer.parseInt(answer.header("Retry-After").getFirst())).isBetween(5, 40);
  }

  @Test
  void poolWithNothingReadySaysWhy_andWhenTheNextStartIsTried() throws Exception {
    bed.readyPause.set(Duration.ofMillis(16_200));

    RawCaller.Answer answer = bed.get("/?identifier=abcd");

    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.header("x-ms-error-code")).containsExactly("NoSandboxReady");
    assertThat(answer.body()).contains("the image cannot be pulled");
    assertThat(answer.header("Retry-After")).containsExactly("17");
  }

  @Test
  void knownSessionsGoOnWhenNothingCanBeRecorded() throws Exception {
    bed.sandbox("ok");
    bed.sandbox("ok");
    bed.get("/?identifier=known");
    bed.ledger.setWritable(false);

    RawCaller.Answer fresh = bed.get("/?identifier=fresh");

    assertThat(bed.get("/?identifier=known").status()).isEqualTo(200);
    assertThat(fresh.status()).isEqualTo(503);
    assertThat(fresh.header("x-ms-error-code")).containsExactly("LedgerUnavailable");
  }
}
