package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A WebSocket that only pings must neither be cut nor keep its session for ever. */
@SuppressWarnings("StringConcatToTextBlock")
class IdleWebSocketTest {
  private static final String ASK = "Connection: Upgrade\r\nUpgrade: WebSocket\r\n";
  private static final String AGREE =
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
  private static final String PING = "\u0089\u0080abcd";
  private static final String MESSAGE = "\u0081\u0081abcdx";

  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed(Duration.ofSeconds(30), Duration.ofMillis(1500), 10);
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  private RawCaller upgraded() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(out, AGREE);
          in.transferTo(out);
          throw new IOException("the tunnel is over");
        });
    RawCaller caller = bed.call().send(GatewayBed.request("GET", "/ws?identifier=abcd", ASK));
    assertThat(caller.receive().status()).isEqualTo(101);
    return caller;
  }

  /** Sends something and reads it back, as it must come. */
  private static void exchange(RawCaller caller, String frame) {
    try {
      caller.send(frame);
      assertThat(caller.in().readNBytes(frame.length())).hasSize(frame.length());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int inFlight() {
    return Objects.requireNonNull(bed.session("abcd")).inFlight();
  }

  private JsonNode shown() throws Exception {
    return Json.MAPPER.readTree(bed.post("/.management/getSession?identifier=abcd").body());
  }

  @Test
  void pingsKeepTheConnectionAndNotTheSession_messagesKeepBoth() throws Exception {
    RawCaller caller = upgraded();
    exchange(caller, MESSAGE);
    assertThat(shown().path("aliveBecause").asString()).isEqualTo("upgraded connections in use: 1");

    await()
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(
            () -> {
              exchange(caller, PING);
              assertThat(inFlight()).isZero();
            });
    JsonNode quiet = shown();
    assertThat(quiet.path("upgradedConnections").asInt()).isEqualTo(1);
    assertThat(quiet.path("requestsInFlight").asInt()).isZero();
    assertThat(quiet.path("aliveBecause").asString())
        .endsWith("upgraded connections that say nothing: 1");

    exchange(caller, MESSAGE);
    assertThat(inFlight()).isEqualTo(1);
  }

  @Test
  void pingsCount_whereThePoolSaysSo() throws Exception {
    bed.options(
        new PoolRoute.Options(
            null, false, false, null, new PoolBounds(true, 0, 0, 0, 0), BrowserRules.DEFAULT));
    RawCaller caller = upgraded();
    long end = System.nanoTime() + Duration.ofSeconds(4).toNanos();

    await()
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              exchange(caller, PING);
              assertThat(inFlight()).isEqualTo(1);
              return System.nanoTime() - end > 0;
            });
  }

  @Test
  void manyConnectionsThatComeAndGoLeaveNothing() throws Exception {
    bed.close();
    bed = new GatewayBed();
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(out, AGREE);
          in.transferTo(out);
          throw new IOException("the tunnel is over");
        });
    for (int i = 0; i < 300; i++) {
      try (RawCaller caller = new RawCaller(bed.port())) {
        caller.send(GatewayBed.request("GET", "/ws?identifier=abcd", ASK));
        assertThat(caller.receive().status()).isEqualTo(101);
        exchange(caller, MESSAGE);
      }
    }

    await().until(() -> inFlight() == 0);
    await().untilAsserted(() -> assertThat(shown().path("upgradedConnections").asInt()).isZero());
  }

  @Test
  void connectionThatMovesNothingAtAllEnds_andItsEndIsNoUse() throws Exception {
    RawCaller caller = upgraded();
    exchange(caller, MESSAGE);
    String lastUsed = shown().path("lastAccessedAt").asString();

    assertThat(caller.isCut()).isTrue();

    await().until(() -> inFlight() == 0);
    assertThat(java.time.Instant.parse(shown().path("lastAccessedAt").asString()))
        .isBefore(java.time.Instant.parse(lastUsed).plusMillis(300));
  }
}
