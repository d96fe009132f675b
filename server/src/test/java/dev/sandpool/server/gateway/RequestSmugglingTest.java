package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Text blocks would hide the line ends that the tests are about. */
@SuppressWarnings("StringConcatToTextBlock")
class RequestSmugglingTest {
  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  /** The first is CVE-2026-89044: Netty before 4.2.18 let it pass. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Transfer-Encoding: chunked, xchunked\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: \u000bchunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Content-Length: 4\r\nContent-Length: 5\r\n",
        "Content-Length: 4, 5\r\n",
        "Content-Length: +4\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 0x4\r\n",
        "Host: other.test\r\n",
        "X-Line: a\nTransfer-Encoding: chunked\rX: b\r\n",
        "X-Nul: a\u0000b\r\n",
      })
  void headThatTwoReadersReadDifferentlyIsRefused(String headers) throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");

    RawCaller.Answer answer =
        bed.call()
            .send(
                GatewayBed.request("POST", "/?identifier=abcd", headers)
                    + "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
            .receive();

    assertThat(answer.status()).isEqualTo(400);
    assertThat(sandbox.requests).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /?identifier=abcd HTTP/1.1\r\n\r\n",
        "CONNECT sandbox:80 HTTP/1.1\r\nHost: sandbox:80\r\n\r\n",
      })
  void requestsWithoutHostOrForTunnelsAreRefused(String request) throws Exception {
    assertThat(bed.call().send(request).receive().status()).isIn(400, 405);
  }

  @ParameterizedTest
  @ValueSource(ints = {70_000})
  void headThatIsTooLongIsRefused(int length) throws Exception {
    RawCaller.Answer answer =
        bed.call()
            .send(
                GatewayBed.request(
                    "GET", "/?identifier=abcd", "X-Long: " + "x".repeat(length) + "\r\n"))
            .receive();

    assertThat(answer.status()).isEqualTo(431);
    assertThat(answer.header("x-ms-error-code")).containsExactly("RequestHeadersTooLong");
  }
}
