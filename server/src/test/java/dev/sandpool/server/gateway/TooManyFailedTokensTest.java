package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet4Address;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whose failures are counted, and what whoever had too many is told. */
class TooManyFailedTokensTest {
  private static final TrustedProxies PROXIES =
      new TrustedProxies(List.of(new TrustedProxies.Range(Inet4Address.ofLiteral("10.0.0.0"), 8)));

  @Test
  void whoHadTooManyIsToldWhenToComeBack() throws Exception {
    try (var bed = new Bed()) {
      var answer =
          bed.bed
              .call()
              .send(
                  "GET "
                      + GatewayBed.BASE
                      + "/?identifier=abcd HTTP/1.1\r\nHost: gw.test\r\n"
                      + "Authorization: Bearer too-many\r\n\r\n")
              .receive();

      assertThat(answer.status()).isEqualTo(429);
      assertThat(answer.header("retry-after")).containsExactly("7");
      assertThat(answer.header("x-ms-error-code")).containsExactly("TooManyFailedTokens");
    }
  }

  private static final class Bed implements AutoCloseable {
    final GatewayBed bed = new GatewayBed();

    Bed() throws Exception {
      bed.sandbox("ok");
    }

    @Override
    public void close() throws Exception {
      bed.close();
    }
  }

  @Test
  void aCallerIsWhoSpeaksToUs_orToAProxyThatIsTrusted() {
    assertThat(PROXIES.caller("192.0.2.1", List.of("10.1.1.1"))).isEqualTo("192.0.2.1");
    assertThat(PROXIES.caller("10.0.0.1", List.of("192.0.2.7"))).isEqualTo("192.0.2.7");
    assertThat(PROXIES.caller("10.0.0.1", List.of("6.6.6.6, 192.0.2.7", "10.0.0.9")))
        .isEqualTo("192.0.2.7");
    assertThat(PROXIES.caller("10.0.0.1", List.of("6.6.6.6, 2001:db8::7")))
        .isEqualTo("2001:db8::7");
    assertThat(PROXIES.caller("10.0.0.1", List.of())).isEqualTo("10.0.0.1");
    assertThat(TrustedProxies.NONE.caller("10.0.0.1", List.of("6.6.6.6"))).isEqualTo("10.0.0.1");
  }

  @Test
  void whatIsNoAddressEndsTheWord() {
    for (String odd :
        List.of("unknown", "999.1.1.1", ":::", "1.2.3.4.5", "", "host:80", "x".repeat(5000))) {
      assertThat(PROXIES.caller("10.0.0.1", List.of("6.6.6.6, " + odd)))
          .as(odd)
          .isEqualTo("10.0.0.1");
    }
  }
}
