package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Json;
import io.vertx.core.http.HttpVersion;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A line is one JSON object on one line, whatever callers write into their requests. */
class AccessWordsTest {
  private final AtomicInteger hashed = new AtomicInteger();
  private final AccessWords words =
      new AccessWords(identifier -> "hash-" + hashed.incrementAndGet());

  private static AccessLine line(String callersId, String identifier, String target, long ended) {
    return new AccessLine(
        new RequestId(1, 2, 1_000_000),
        callersId,
        null,
        "answered",
        "pool",
        identifier,
        "GET",
        target,
        HttpVersion.HTTP_1_1,
        200,
        null,
        1_042_000,
        0,
        0,
        0,
        0,
        ended);
  }

  private JsonNode said(AccessLine line, String time) {
    String text = words.of(line, Instant.parse(time));
    assertThat(text).doesNotContain("\n", "\r");
    return Json.MAPPER.readTree(text);
  }

  @Test
  void whatCallersWriteEndsNoWordAndNoLine() {
    String odd = "\"},{\"a\":\"\\ \t\r\n\0 \u2028 é \uD83D\uDE00 \uD83D";

    JsonNode said = said(line(odd, "abcd", "/" + odd + "?x=y", 2_000_000), "2026-01-02T03:04:05Z");

    assertThat(said.at("/callerRequest").asString()).isEqualTo(odd);
    assertThat(said.at("/path").asString()).isEqualTo("/" + odd);
    assertThat(said.propertyNames()).doesNotContain("a");
  }

  @Test
  void timesAreToTheMicrosecond() {
    AccessLine line = line("x", "abcd", "/", 1_234_007_999);

    JsonNode said = said(line, "2026-01-02T03:04:05.000070999Z");
    assertThat(said.at("/time").asString()).isEqualTo("2026-01-02T03:04:05.000070Z");
    assertThat(said.at("/tokenMs").asDouble()).isEqualTo(0.042);
    assertThat(said.at("/totalMs").asDouble()).isEqualTo(1233.007);
    assertThat(said.has("connectMs")).isFalse();

    assertThat(said(line, "2026-01-02T03:04:06.9Z").at("/time").asString())
        .isEqualTo("2026-01-02T03:04:06.900000Z");
    assertThat(said(line("x", "abcd", "/", 1000), "2026-01-02T03:04:06Z").at("/totalMs").asDouble())
        .as("a clock that goes back")
        .isEqualTo(-0.999);
  }

  private JsonNode times(long known, long claim, long started, long sent, long head, long ended) {
    return said(
        new AccessLine(
            new RequestId(1, 2, 1_000_000),
            null,
            null,
            "answered",
            "pool",
            "abcd",
            "GET",
            "/",
            HttpVersion.HTTP_1_1,
            200,
            null,
            known,
            claim,
            started,
            sent,
            head,
            ended),
        "2026-01-02T03:04:05Z");
  }

  @Test
  void eachPartOfTheWayHasItsOwnTime() {
    JsonNode said = times(2_000_000, 4_000_000, 8_000_000, 16_000_000, 32_000_000, 64_000_000);

    assertThat(said.at("/tokenMs").asDouble()).isEqualTo(1);
    assertThat(said.at("/queueMs").asDouble()).isEqualTo(2);
    assertThat(said.at("/claimMs").asDouble()).isEqualTo(4);
    assertThat(said.at("/connectMs").asDouble()).isEqualTo(8);
    assertThat(said.at("/firstByteMs").asDouble()).isEqualTo(16);
    assertThat(said.at("/totalMs").asDouble()).isEqualTo(63);
  }

  @Test
  void whoGotNoSandboxHasWaitedForOneToTheEnd() {
    JsonNode said = times(2_000_000, 0, 0, 0, 0, 64_000_000);

    assertThat(said.at("/queueMs").asDouble()).isEqualTo(62);
    assertThat(said.at("/totalMs").asDouble()).isEqualTo(63);
    assertThat(said.propertyNames()).doesNotContain("claimMs", "connectMs", "firstByteMs");
  }

  @Test
  void nameOfASessionIsKeptAndThoseOfVeryManyAreNot() {
    for (int i = 0; i < 3; i++) {
      assertThat(said(line("x", "abcd", "/", 1), "2026-01-02T03:04:05Z").at("/session").asString())
          .isEqualTo("hash-1");
    }
    for (int i = 0; i < 5000; i++) {
      words.of(line("x", "other-" + i, "/", 1), Instant.EPOCH);
    }

    assertThat(said(line("x", "abcd", "/", 1), "2026-01-02T03:04:05Z").at("/session").asString())
        .isEqualTo("hash-5002");
  }
}
