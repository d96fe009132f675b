package dev.sandpool.server.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bodies come before anybody has asked for a token: strangers must not fill the memory with them.
 */
@Timeout(60)
class SlowBodiesTest {
  private static final int HALF = 50_000;

  private static Socket half(ManagementFixture server, String path, String headers)
      throws IOException {
    var socket = new Socket(server.base().getHost(), server.base().getPort());
    socket.setSoTimeout(20_000);
    String head =
        "PUT " + path + " HTTP/1.1\r\nHost: x\r\n" + headers + "Content-Length: 100000\r\n\r\n";
    socket.getOutputStream().write((head + "x".repeat(HALF)).getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @ParameterizedTest
  @ValueSource(strings = {"/subscriptions", "/nowhere"})
  void bodyThatStopsComingIsCut(String path) throws Exception {
    var limits = new Bodies.Limits(1 << 20, 1 << 20, Duration.ofMillis(500));
    try (var server = new ManagementFixture(limits);
        Socket slow = half(server, path, "")) {
      assertThat(slow.getInputStream().read()).isNegative();
      assertThat(server.call("GET", ManagementFixture.GROUP + "?api-version=2021-04-01").status())
          .isPositive();
    }
  }

  @Test
  void crowdOfThemIsToldToComeAgain_andItsEndMakesRoom() throws Exception {
    var limits = new Bodies.Limits(1 << 20, 3 * HALF + 10_000, Duration.ofMinutes(1));
    List<Socket> crowd = new ArrayList<>();
    try (var server = new ManagementFixture(limits)) {
      String pool = ManagementFixture.POOL + ManagementFixture.VERSION;
      for (int i = 0; i < 3; i++) {
        crowd.add(half(server, "/nowhere", ""));
      }
      String large = "{\"tags\":\"" + "x".repeat(20_000) + "\"}";
      await()
          .untilAsserted(
              () -> {
                ManagementFixture.Reply busy = server.call("PUT", pool, large);
                assertThat(busy.status()).isEqualTo(503);
                assertThat(busy.header("Retry-After")).isEqualTo("1");
                assertThat(busy.header("x-ms-error-code")).isEqualTo("ServerBusy");
              });
      assertThat(server.call("GET", pool).status()).as("without a body").isEqualTo(404);

      for (Socket one : crowd) {
        one.close();
      }

      await()
          .untilAsserted(() -> assertThat(server.call("PUT", pool, large).status()).isEqualTo(400));
    }
  }
}
