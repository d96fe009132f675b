package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a pool has of its own. */
class PoolOptionsTest {
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
  void sessionPathsBelongToTheApplication_unlessAskedFor() throws Exception {
    bed.sandbox("from the sandbox");

    assertThat(bed.get("/session?identifier=user-1").body()).isEqualTo("from the sandbox");

    bed.options(new PoolRoute.Options(null, true, false, null));
    JsonNode shown = Json.MAPPER.readTree(bed.get("/session?identifier=user-1").body());
    JsonNode listed = Json.MAPPER.readTree(bed.get("/listSessions?api-version=x").body());

    assertThat(shown.path("identifier").asString()).isEqualTo("user-1");
    assertThat(shown.path("expireAt").asString()).endsWith("Z");
    assertThat(listed.path("sessions")).hasSize(1);
    assertThat(listed.path("nextLink").isNull()).isTrue();
  }

  @Test
  void deletedSessionIsOver() throws Exception {
    bed.sandbox("ok");
    bed.options(new PoolRoute.Options(null, true, false, null));
    bed.get("/?identifier=user-1");

    RawCaller.Answer deleted = bed.delete("/session?identifier=user-1");
    RawCaller.Answer again = bed.delete("/session?identifier=user-1");
    RawCaller.Answer wrong = bed.post("/listSessions");

    assertThat(deleted.status()).isEqualTo(204);
    assertThat(again.status()).isEqualTo(404);
    assertThat(again.body()).contains("SessionWithIdentifierNotFound");
    assertThat(wrong.status()).isEqualTo(405);
    assertThat(wrong.header("Allow")).containsExactly("GET");
  }

  @Test
  void poolThatAsksForMoreIsolationThanThereIs_getsNoSession() throws Exception {
    bed.sandbox("never");
    bed.options(new PoolRoute.Options(null, false, false, "asks for 'microvm'"));

    RawCaller.Answer answer = bed.get("/?identifier=user-1");

    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.body()).contains("IsolationNotAvailable", "microvm");
  }

  @Test
  void streamsStandStillForAsLongAsThePoolSays() throws Exception {
    bed.options(new PoolRoute.Options(Duration.ofMillis(300), false, false, null));
    bed.sandbox(
        (request, in, out) -> {
          out.write(
              "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
                  .getBytes(StandardCharsets.US_ASCII));
          out.flush();
          in.read();
        });

    long begin = System.nanoTime();
    RawCaller caller = bed.call().send(GatewayBed.request("GET", "/?identifier=user-1", ""));
    RawCaller.Answer head = caller.receive(true);
    byte[] half = caller.in().readNBytes(4);

    assertThat(head.status()).isEqualTo(200);
    assertThat(new String(half, StandardCharsets.US_ASCII)).isEqualTo("half");
    assertThat(caller.isCut()).isTrue();
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
  }
}
