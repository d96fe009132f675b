package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UntouchedPathTest {
  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/a%2Fb/../c//d/.?identifier=abcd&x=%2F+%zz&identifiers=1",
        "/caf\u00e9/\u00ff\u0080?q=\u00e4&identifier=abcd",
        "/?identifier=abcd",
        "/\"<>\\^`{|}?identifier=a%7Cbcd",
      })
  void pathAndQueryArriveOctetForOctet(String rest) throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");

    assertThat(bed.get(rest).status()).isEqualTo(200);

    assertThat(sandbox.requests.element().line()).isEqualTo("GET " + rest + " HTTP/1.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://gw.test", "HTTP://GW.test", "https://gw.test"})
  void absoluteTargetArrivesInOriginForm(String origin) throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");
    String request =
        GatewayBed.request("GET", "/a%2Fb?identifier=abcd", "")
            .replaceFirst(" /", " " + origin + "/");

    assertThat(bed.call().send(request).receive().status()).isEqualTo(200);

    assertThat(sandbox.requests.element().line()).isEqualTo("GET /a%2Fb?identifier=abcd HTTP/1.1");
    assertThat(sandbox.requests.element().header("Host")).containsExactly("gw.test");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://other.test", "http://gw.test:81", "http://x@gw.test"})
  void absoluteTargetOfAnotherHostIsRefused(String origin) throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");
    String request =
        GatewayBed.request("GET", "/?identifier=abcd", "").replaceFirst(" /", " " + origin + "/");

    RawCaller.Answer answer = bed.call().send(request).receive();

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.header("x-ms-error-code")).containsExactly("InvalidRequestTarget");
    assertThat(sandbox.requests).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "get", "X-Y"})
  void anyMethodIsForwarded(String method) throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");

    RawCaller.Answer answer =
        bed.call().send(GatewayBed.request(method, "/m?identifier=abcd", "")).receive();

    assertThat(answer.status()).isEqualTo(200);
    assertThat(sandbox.requests.element().line()).startsWith(method + " /m?");
  }
}
