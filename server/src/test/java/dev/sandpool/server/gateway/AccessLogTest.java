package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.Json;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class AccessLogTest {
  @TempDir private Path folder;

  private List<JsonNode> lines() throws IOException {
    return Files.readAllLines(folder.resolve("access.log")).stream()
        .map(Json.MAPPER::readTree)
        .toList();
  }

  private AccessLog log(int most) throws IOException {
    return new AccessLog(folder.resolve("access.log"), name -> "hash-of-" + name.length(), most);
  }

  @Test
  void requestIsNotedWithItsTimesAndWithoutItsIdentifier() throws Exception {
    try (AccessLog log = log(100);
        GatewayBed bed = new GatewayBed(log)) {
      bed.sandbox("ok");
      RawCaller.Answer answer = bed.get("/a/b?identifier=secret-one&x=y");
      bed.get("/c?identifier=secret-one");
      bed.get("/?identifier=no");
      await().until(() -> lines().size() == 3);

      JsonNode first = lines().getFirst();
      assertThat(first.at("/request").asString())
          .isEqualTo(answer.header("sandpool-request-id").getFirst());
      assertThat(first.at("/outcome").asString()).isEqualTo("answered");
      assertThat(first.at("/pool").asString()).isEqualTo("MyPool");
      assertThat(first.at("/session").asString()).isEqualTo("hash-of-10");
      assertThat(first.at("/path").asString()).isEqualTo("/a/b");
      assertThat(first.at("/status").asInt()).isEqualTo(200);
      double parts = 0;
      for (String time : List.of("tokenMs", "queueMs", "claimMs", "connectMs", "firstByteMs")) {
        assertThat(first.at("/" + time).asDouble(-1)).as(time).isBetween(0.0, 60_000.0);
        parts += first.at("/" + time).asDouble();
      }
      assertThat(first.at("/claimMs").asDouble()).as("the claim of a new session").isPositive();
      assertThat(lines().get(1).at("/claimMs").asDouble(-1)).as("of a known one").isZero();
      assertThat(first.at("/totalMs").asDouble()).isGreaterThanOrEqualTo(parts - 0.01);
      JsonNode refused = lines().get(2);
      assertThat(refused.at("/outcome").asString()).isEqualTo("refused");
      assertThat(refused.at("/code").asString()).isEqualTo("InvalidLengthOfSessionIdentifier");
      assertThat(refused.at("/totalMs").asDouble(-1)).isBetween(0.0, 60_000.0);
      assertThat(Files.readString(folder.resolve("access.log"))).doesNotContain("secret-one");
    }
  }

  @Test
  void requestIsFoundByItsCallersNameByItsTraceAndByWhatTheSandboxWasTold() throws Exception {
    try (AccessLog log = log(100);
        GatewayBed bed = new GatewayBed(log)) {
      StubSandbox sandbox = bed.sandbox("ok");
      String trace = "0af7651916cd43dd8448eb211c80319c";
      bed.call()
          .send(
              GatewayBed.request(
                  "GET",
                  "/?identifier=abcd",
                  "X-Request-Id: \"mine\"\r\ntraceparent: 00-"
                      + trace
                      + "-b7ad6b7169203331-01\r\n"))
          .receive();
      bed.call()
          .send(
              GatewayBed.request(
                  "GET",
                  "/?identifier=abcd",
                  "x-ms-client-request-id: " + "y".repeat(500) + "\r\nX-Request-Id: mine\r\n"))
          .receive();
      await().until(() -> lines().size() == 2);

      JsonNode first = lines().getFirst();
      assertThat(first.at("/callerRequest").asString()).isEqualTo("\"mine\"");
      assertThat(first.at("/trace").asString()).isEqualTo(trace);
      assertThat(sandbox.requests.remove().header("sandpool-request-id"))
          .containsExactly(first.at("/request").asString());
      assertThat(lines().get(1).at("/callerRequest").asString()).isEqualTo("y".repeat(128));
      assertThat(lines().get(1).has("trace")).isFalse();
    }
  }

  /** A step is longer than the test may take, so that what takes none of them is told apart. */
  @Test
  void eachDelayIsInTheTimeThatIsNamedAfterIt() throws Exception {
    long step = TimeUnit.SECONDS.toNanos(6);
    var go = new CountDownLatch(1);
    try (AccessLog log = log(100);
        GatewayBed bed = new GatewayBed(log)) {
      bed.tokens.onVerify = token -> bed.aheadNanos.addAndGet(step);
      RawCaller caller = bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", ""));
      await().until(() -> bed.sessions.waiting(bed.poolId()) == 1);
      bed.aheadNanos.addAndGet(2 * step);
      bed.sandbox(
          (request, in, out) -> {
            bed.aheadNanos.addAndGet(3 * step);
            StubSandbox.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
            go.await();
            StubSandbox.write(out, "k");
          });
      StubSandbox.readHead(caller.in());
      bed.aheadNanos.addAndGet(4 * step);
      go.countDown();
      assertThat(new String(caller.in().readNBytes(2), StandardCharsets.US_ASCII)).isEqualTo("ok");
      await().until(() -> lines().size() == 1);
    }

    JsonNode line = lines().getFirst();
    assertThat(steps(line, "tokenMs")).isEqualTo(1);
    assertThat(steps(line, "queueMs")).isEqualTo(2);
    assertThat(steps(line, "claimMs")).isZero();
    assertThat(steps(line, "connectMs")).isZero();
    assertThat(steps(line, "firstByteMs")).isEqualTo(3);
    assertThat(steps(line, "totalMs")).isEqualTo(10);
  }

  private static long steps(JsonNode line, String time) {
    return (long) (line.at("/" + time).asDouble(-1) / 6000);
  }

  @Test
  void refusedRequestIsFoundByItsCallersNameAndItsTraceToo() throws Exception {
    try (AccessLog log = log(100);
        GatewayBed bed = new GatewayBed(log)) {
      String trace = "0af7651916cd43dd8448eb211c80319c";
      String names = "x-request-id: mine\r\ntraceparent: 00-" + trace + "-b7ad6b7169203331-01\r\n";
      bed.call().send(GatewayBed.request("GET", "/?identifier=no", names)).receive();
      bed.call()
          .send("GET " + GatewayBed.BASE + "/ HTTP/1.1\r\nHost: gw.test\r\n" + names + "\r\n")
          .receive();
      await().until(() -> lines().size() == 2);

      assertThat(lines())
          .allSatisfy(
              line -> {
                assertThat(line.at("/outcome").asString()).isEqualTo("refused");
                assertThat(line.at("/callerRequest").asString()).isEqualTo("mine");
                assertThat(line.at("/trace").asString()).isEqualTo(trace);
              });
    }
  }

  /** It has no version, and once ended the thread that writes. */
  @Test
  void requestOfAnUnknownVersionDoesNotEndTheLog() throws Exception {
    try (AccessLog log = log(100);
        GatewayBed bed = new GatewayBed(log)) {
      bed.sandbox("ok");
      String request = GatewayBed.request("GET", "/?identifier=abcd", "");
      RawCaller caller = bed.call().send(request.replace("HTTP/1.1", "HTTP/1.2"));
      assertThat(caller.receive().status()).isEqualTo(501);
      bed.get("/after?identifier=abcd");

      await().until(() -> Files.readString(folder.resolve("access.log")).contains("/after"));
    }
  }

  @Test
  void answerThatIsCutIsNotedAsThat() throws Exception {
    try (AccessLog log = log(100);
        GatewayBed bed = new GatewayBed(log)) {
      bed.sandbox(
          (request, in, out) -> {
            StubSandbox.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx");
            throw new IOException("the application ends it");
          });
      RawCaller caller = bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", ""));
      StubSandbox.readHead(caller.in());

      await().until(() -> lines().size() == 1);

      assertThat(lines().getFirst().at("/outcome").asString()).isEqualTo("cut");
      assertThat(lines().getFirst().at("/code").asString()).isEqualTo("SandboxClosedConnection");
    }
  }

  private static AccessLine line() {
    return new AccessLine(
        new RequestId(1, 2, 1),
        null,
        null,
        "answered",
        "p",
        "abcd",
        "GET",
        "/",
        HttpVersion.HTTP_1_1,
        200,
        null,
        1,
        0,
        2,
        3,
        4,
        System.nanoTime());
  }

  /** A device that takes nothing stands for a disk that is full. */
  @Test
  void linesThatADiskHasNoRoomForAreCounted_andThoseAfterThemWritten() throws Exception {
    Path file = folder.resolve("access.log");
    Files.createSymbolicLink(file, Path.of("/dev/full"));
    try (AccessLog log = log(100)) {
      log.offer(line());
      log.offer(line());
      await().until(() -> log.dropped() == 2);

      Files.delete(file);
      await().until(() -> Files.exists(file));
      log.offer(line());

      await().until(() -> lines().size() == 2);
      assertThat(lines()).anySatisfy(at -> assertThat(at.at("/dropped").asLong()).isEqualTo(2));
      assertThat(lines()).anySatisfy(at -> assertThat(at.at("/status").isNumber()).isTrue());
      assertThat(log.dropped()).isEqualTo(2);
    }
  }

  @Test
  void moreThanFitsIsDroppedAndCounted() throws Exception {
    long dropped;
    try (AccessLog log = log(10)) {
      for (int i = 0; i < 10_000; i++) {
        log.offer(line());
      }
      dropped = log.dropped();
    }

    long said = lines().stream().mapToLong(each -> each.path("dropped").asLong(0)).sum();
    long written = lines().stream().filter(each -> each.has("request")).count();
    assertThat(dropped).isPositive().isEqualTo(said);
    assertThat(written + dropped).isEqualTo(10_000);
  }

  @Test
  void fileThatWasMovedAwayIsOpenedAnew() throws Exception {
    try (AccessLog log = log(10);
        GatewayBed bed = new GatewayBed(log)) {
      bed.sandbox("ok");
      bed.get("/?identifier=abcd");
      await().until(() -> lines().size() == 1);
      Files.move(folder.resolve("access.log"), folder.resolve("access.log.1"));
      await().until(() -> Files.exists(folder.resolve("access.log")));

      bed.get("/?identifier=abcd");

      await().until(() -> lines().size() == 1);
      assertThat(Files.readAllLines(folder.resolve("access.log.1"))).hasSize(1);
    }
  }
}
