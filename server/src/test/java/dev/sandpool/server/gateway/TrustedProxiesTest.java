package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.net.SocketAddress;
import java.net.Inet4Address;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whoever is believed where a request came from can make it come from anywhere. */
@SuppressWarnings("StringConcatToTextBlock") // The line ends are what they are about.
class TrustedProxiesTest {
  private static final String FROM_AFAR =
      "X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-For: 198.51.100.2, 10.0.0.9\r\n"
          + "X-Forwarded-Proto: https\r\nX-Forwarded-Host: apps.example\r\n";

  private static TrustedProxies of(String address, int prefix) {
    return new TrustedProxies(
        List.of(new TrustedProxies.Range(Inet4Address.ofLiteral(address), prefix)));
  }

  private static StubSandbox.Request seen(TrustedProxies proxies, String headers) throws Exception {
    try (var bed = new GatewayBed(proxies)) {
      StubSandbox sandbox = bed.sandbox("ok");
      bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", headers)).receive();
      return sandbox.requests.element();
    }
  }

  @Test
  void sandboxHearsOfTheCallerBehindATrustedProxyAndOfTheProxy() throws Exception {
    StubSandbox.Request seen = seen(of("127.0.0.0", 8), FROM_AFAR);

    assertThat(seen.header("X-Forwarded-For"))
        .containsExactly("203.0.113.7, 198.51.100.2, 10.0.0.9, 127.0.0.1");
    assertThat(seen.header("X-Forwarded-Proto")).containsExactly("https");
    assertThat(seen.header("X-Forwarded-Host")).containsExactly("apps.example");
    assertThat(seen.header("Host")).containsExactly("gw.test");
  }

  @Test
  void proxyThatSaysNothingOrNonsenseLeavesWhatIsSeenHere() throws Exception {
    StubSandbox.Request nothing = seen(of("127.0.0.1", 32), "");
    StubSandbox.Request nonsense = seen(of("127.0.0.1", 32), "X-Forwarded-Proto: gopher\r\n");

    assertThat(nothing.header("X-Forwarded-For")).containsExactly("127.0.0.1");
    assertThat(nothing.header("X-Forwarded-Proto")).containsExactly("http");
    assertThat(nothing.header("X-Forwarded-Host")).containsExactly("gw.test");
    assertThat(nonsense.header("X-Forwarded-Proto")).containsExactly("http");
  }

  @Test
  void callerCannotSpeakForTheProxyThatAddsItsWordAtTheEnd() throws Exception {
    StubSandbox.Request seen =
        seen(
            of("127.0.0.1", 32),
            "X-Forwarded-Host: evil\r\nX-Forwarded-Host: bad, apps.example\r\n"
                + "X-Forwarded-Proto: http, https\r\n");

    assertThat(seen.header("X-Forwarded-Host")).containsExactly("apps.example");
    assertThat(seen.header("X-Forwarded-Proto")).containsExactly("https");
  }

  @Test
  void whoIsNotAmongThemIsNotBelieved() throws Exception {
    StubSandbox.Request seen = seen(of("127.0.0.2", 32), FROM_AFAR);

    assertThat(seen.header("X-Forwarded-For")).containsExactly("127.0.0.1");
    assertThat(seen.header("X-Forwarded-Host")).containsExactly("gw.test");
  }

  @ParameterizedTest(name = "{2} in {0}/{1}: {3}")
  @CsvSource({
    "10.1.0.0, 16, 10.1.255.255, true",
    "10.1.0.0, 16, 10.2.0.0, false",
    "192.168.1.128, 25, 192.168.1.200, true",
    "192.168.1.128, 25, 192.168.1.127, false",
    "203.0.113.7, 32, 203.0.113.7, true",
    "0.0.0.0, 0, 8.8.8.8, true",
    "0.0.0.0, 0, ::1, false",
  })
  void rangesIncludeTheirAddressesAlone(
      String first, int prefix, String address, boolean included) {
    assertThat(of(first, prefix).include(SocketAddress.inetSocketAddress(80, address)))
        .isEqualTo(included);
  }
}
