package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Beginning and end of sessions on real sandboxes (G1, G2, G5, G7). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SessionLifeIT {
  private static final Duration COOLDOWN = Duration.ofSeconds(2);

  private final Stage stage;
  private final TestPool pool;

  SessionLifeIT() throws Exception {
    stage = Stage.development("life", "");
    pool = stage.pool("brief", "--cooldown-period 2 --max-sessions 10 --ready-sessions 2");
  }

  @AfterAll
  void nothingIsLeft() throws Exception {
    // Its connection is still open when the server is asked to stop its sandboxes.
    pool.instance("last-0001");
    stage.close();
  }

  @Test
  void anIdleSessionEndsWithinTwoSecondsOfItsCooldownAndNotBefore() {
    pool.instance("idle-0001");
    long quiet = System.nanoTime();
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !pool.identifiers().contains("idle-0001"));
    assertThat(Duration.ofNanos(System.nanoTime() - quiet))
        .isBetween(COOLDOWN.minusMillis(100), COOLDOWN.plusSeconds(2));
  }

  @Test
  void aSessionAfterThatHasNothingOfTheOldOne() {
    pool.shell("again-001", "echo old > /home/app/state; echo old > /tmp/state");
    String before = pool.instance("again-001");
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> !pool.identifiers().contains("again-001"));
    assertThat(pool.shell("again-001", "ls /home/app /tmp")).doesNotContain("state");
    assertThat(pool.instance("again-001")).isNotEqualTo(before);
  }

  @Test
  void aRequestThatWaitsForItsAnswerKeepsItsSession() {
    String before = pool.instance("waits-001");
    HttpResponse<String> slow = pool.get("/sleep?seconds=5", "waits-001");
    assertThat(slow.statusCode()).as(slow.body()).isEqualTo(200);
    assertThat(pool.instance("waits-001")).isEqualTo(before);
  }

  @Test
  void aRunningStreamKeepsItsSession() {
    String before = pool.instance("stream-01");
    HttpResponse<String> stream = pool.get("/stream?count=6&interval=0.9", "stream-01");
    assertThat(stream.body().lines()).hasSize(6);
    assertThat(pool.instance("stream-01")).isEqualTo(before);
  }

  @Test
  void fiftyFirstRequestsAtOnceMakeOneSandbox() throws Exception {
    TestPool crowd = stage.pool("crowd", "--max-sessions 5 --ready-sessions 3");
    Set<String> instances = new HashSet<>();
    int allocations = 0;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<HttpResponse<String>> request = () -> crowd.get("/", "crowd-001");
      List<Future<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        answers.add(threads.submit(request));
      }
      for (Future<HttpResponse<String>> answer : answers) {
        assertThat(answer.get().statusCode()).as(answer.get().body()).isEqualTo(200);
        instances.add(TestClient.json(answer.get()).path("instance").asString());
        allocations += answer.get().headers().firstValue(TestPool.ALLOCATION).isPresent() ? 1 : 0;
      }
    }
    assertThat(instances).hasSize(1);
    assertThat(allocations).isEqualTo(1);
    assertThat(crowd.identifiers()).containsExactly("crowd-001");
    stage.delete("crowd");
  }

  @Test
  void aFullPoolSaysSoAndWhenToComeBack() {
    TestPool full = stage.pool("full", "--max-sessions 2 --ready-sessions 1");
    full.instance("full-0001");
    full.instance("full-0002");
    HttpResponse<String> third = full.get("/", "full-0003");
    assertThat(third.statusCode()).isEqualTo(429);
    assertThat(third.headers().firstValue("x-ms-error-code")).contains("SessionPoolFull");
    assertThat(third.headers().firstValue("Retry-After")).get().asString().matches("[1-9][0-9]*");
    assertThat(full.get("/", "full-0002").statusCode()).as("those inside go on").isEqualTo(200);
    full.stop("full-0001");
    assertThat(full.get("/", "full-0003").statusCode()).as("there is room again").isEqualTo(200);
    stage.delete("full");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST"})
  void aContainerThatEndsInTheMiddleOfARequestEndsItsSession(String method) {
    String before = pool.instance("exits-001");
    HttpResponse<String> cut =
        stage
            .client()
            .send(
                pool.request("/exit?code=7&answer=false", "exits-001")
                    .method(method, BodyPublishers.noBody()));
    assertThat(cut.statusCode()).isEqualTo(502);
    assertThat(cut.headers().firstValue("x-ms-error-code")).contains("SessionEnded");
    HttpResponse<String> next = pool.get("/", "exits-001");
    assertThat(next.statusCode()).as(next.body()).isEqualTo(200);
    assertThat(TestClient.json(next).path("instance").asString()).isNotEqualTo(before);
    assertThat(next.headers().firstValue(TestPool.ALLOCATION)).isPresent();
  }
}
