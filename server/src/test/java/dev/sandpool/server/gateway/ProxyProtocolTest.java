package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who is believed in the PROXY protocol decides who a caller is, for bounds, logs and sandboxes.
 */
@SuppressWarnings("StringConcatToTextBlock") // The line ends are what they are about.
class ProxyProtocolTest {
  private static final String REQUEST = GatewayBed.request("GET", "/?identifier=abcd", "");

  private static TrustedProxies proxies(String address) {
    var range = new TrustedProxies.Range(Inet4Address.ofLiteral(address), 32);
    return new TrustedProxies(List.of(range), true);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Version 2, TCP over IPv4, with an extension that nobody knows. */
  private static byte[] binary(int command) {
    ByteBuffer header = ByteBuffer.allocate(16 + 12 + 5);
    header.put(ascii("\r\n\r\n\0\r\nQUIT\n")).put((byte) (0x20 | command)).put((byte) 0x11);
    header.putShort((short) 17).put(new byte[] {(byte) 203, 0, 113, 9, 10, 0, 0, 1});
    header.putShort((short) 4711).putShort((short) 443);
    header.put((byte) 0xee).putShort((short) 2).put(new byte[] {1, 2});
    return header.array();
  }

  /** The answer's first line, empty if the connection ended without one. */
  private static String exchange(GatewayBed bed, byte[] before) throws IOException {
    var bytes = new ByteArrayOutputStream();
    bytes.write(before);
    bytes.write(ascii(REQUEST));
    try (Socket socket = new Socket("127.0.0.1", bed.port())) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(bytes.toByteArray());
      int first = socket.getInputStream().read();
      return first < 0
          ? ""
          : (char) first
              + new String(socket.getInputStream().readNBytes(11), StandardCharsets.ISO_8859_1);
    }
  }

  @Test
  void callerThatATrustedProxyNamesIsTheCaller() throws Exception {
    try (var bed = new GatewayBed(proxies("127.0.0.1"))) {
      StubSandbox sandbox = bed.sandbox("ok");

      String text = "PROXY TCP4 203.0.113.7 10.0.0.1 4711 443\r\n";
      assertThat(exchange(bed, ascii(text))).isEqualTo("HTTP/1.1 200");
      assertThat(exchange(bed, ascii("PROXY TCP6 2001:db8::7 ::1 4711 443\r\n")))
          .isEqualTo("HTTP/1.1 200");
      assertThat(exchange(bed, binary(1))).isEqualTo("HTTP/1.1 200");

      assertThat(sandbox.requests.remove().header("X-Forwarded-For"))
          .containsExactly("203.0.113.7");
      assertThat(sandbox.requests.remove().header("X-Forwarded-For").getFirst())
          .startsWith("2001:db8:");
      assertThat(sandbox.requests.remove().header("X-Forwarded-For"))
          .containsExactly("203.0.113.9");
    }
  }

  @Test
  void proxyThatSpeaksForItselfIsTheCaller() throws Exception {
    try (var bed = new GatewayBed(proxies("127.0.0.1"))) {
      StubSandbox sandbox = bed.sandbox("ok");

      assertThat(exchange(bed, ascii("PROXY UNKNOWN\r\n"))).isEqualTo("HTTP/1.1 200");
      assertThat(exchange(bed, binary(0))).isEqualTo("HTTP/1.1 200");

      assertThat(sandbox.requests.remove().header("X-Forwarded-For")).containsExactly("127.0.0.1");
      assertThat(sandbox.requests.remove().header("X-Forwarded-For")).containsExactly("127.0.0.1");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "PROXY TCP4 203.0.113.7 10.0.0.1 4711\r\n",
        "PROXY TCP4 203.0.113.700 10.0.0.1 4711 443\r\n",
        "PROXY UDP4 203.0.113.7 10.0.0.1 4711 443\r\n",
        "PROXY TCP4 203.0.113.7 10.0.0.1 4711 443                                                "
            + "                                        \r\n",
      })
  void proxyThatDoesNotNameACallerIsLeft(String header) throws Exception {
    try (var bed = new GatewayBed(proxies("127.0.0.1"))) {
      StubSandbox sandbox = bed.sandbox("ok");

      assertThat(exchange(bed, ascii(header))).isEmpty();

      assertThat(sandbox.requests).isEmpty();
    }
  }

  @Test
  void headerOfAnybodyElseIsNoRequest() throws Exception {
    try (var bed = new GatewayBed(proxies("127.0.0.2"))) {
      StubSandbox sandbox = bed.sandbox("ok");

      assertThat(exchange(bed, ascii("PROXY TCP4 203.0.113.7 10.0.0.1 4711 443\r\n")))
          .doesNotContain("200");
      assertThat(exchange(bed, new byte[0])).isEqualTo("HTTP/1.1 200");

      assertThat(sandbox.requests).hasSize(1);
    }
  }

  @Test
  void callersAreCountedApartThoughOneProxySendsThem() throws Exception {
    var callers = new GatewaySettings.Callers(Duration.ofMinutes(1), 100, 2, 100, 600, 0);
    var limits =
        new GatewaySettings.Limits(
            64 * 1024,
            Duration.ofSeconds(30),
            Duration.ofSeconds(5),
            Duration.ofMinutes(4),
            8,
            callers);
    try (var bed = new GatewayBed(limits, proxies("127.0.0.1"))) {
      bed.sandbox("ok");
      byte[] one = ascii("PROXY TCP4 203.0.113.1 10.0.0.1 4711 443\r\n");
      byte[] two = ascii("PROXY TCP4 203.0.113.2 10.0.0.1 4711 443\r\n");
      try (Socket first = held(bed, one);
          Socket second = held(bed, one)) {
        assertThat(List.of(first, second)).allMatch(Socket::isConnected);
        assertThat(exchange(bed, one)).as("a third of the same caller").isEmpty();
        assertThat(exchange(bed, two)).as("one of another").isEqualTo("HTTP/1.1 200");
      }
    }
  }

  @Test
  void callerWithANetworkOfIpv6HasNoMoreConnectionsThanOneWithAnAddress() throws Exception {
    var callers = new GatewaySettings.Callers(Duration.ofMinutes(1), 100, 2, 100, 600, 0);
    var limits =
        new GatewaySettings.Limits(
            64 * 1024,
            Duration.ofSeconds(30),
            Duration.ofSeconds(5),
            Duration.ofMinutes(4),
            8,
            callers);
    try (var bed = new GatewayBed(limits, proxies("127.0.0.1"))) {
      bed.sandbox("ok");
      try (Socket first = held(bed, ascii("PROXY TCP6 2001:db8:0:1::1 ::1 4711 443\r\n"));
          Socket second = held(bed, ascii("PROXY TCP6 2001:db8:0:1:9::2 ::1 4711 443\r\n"))) {
        assertThat(List.of(first, second)).allMatch(Socket::isConnected);
        assertThat(exchange(bed, ascii("PROXY TCP6 2001:db8:0:1:a:b:c:d ::1 4711 443\r\n")))
            .as("a third of the same network")
            .isEmpty();
        assertThat(exchange(bed, ascii("PROXY TCP6 2001:db8:0:2::1 ::1 4711 443\r\n")))
            .as("one of another")
            .isEqualTo("HTTP/1.1 200");
      }
    }
  }

  /** A connection that has been answered once and stays. */
  private static Socket held(GatewayBed bed, byte[] before) throws IOException {
    Socket socket = new Socket("127.0.0.1", bed.port());
    socket.getOutputStream().write(before);
    socket.getOutputStream().write(ascii(REQUEST));
    StubSandbox.readHead(socket.getInputStream());
    return socket;
  }
}
