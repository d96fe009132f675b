package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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

  /**
   * Families of known attacks on pairs of servers. Whatever the status: the sandbox must see no
   * second request, and no request at all whose framing two readers could read differently.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Transfer-Encoding:chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: identity\r\nContent-Length: 4\r\n",
        "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding: chunked;q=1\r\n",
        "Transfer-Encoding: chunked,\r\n",
        "Transfer-Encoding: ,chunked\r\n",
        "Transfer-Encoding\t: chunked\r\n",
        "Transfer-Encoding\u000b: chunked\r\n",
        "Transfer-Encoding:\r\n chunked\r\n",
        "Transfer-Encoding:\u00a0chunked\r\n",
        "Transfer-Encoding: chunked\u0000\r\n",
        "Transfer-Encoding: ch\u00dcnked\r\n",
        "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
        "Content-Length: 4\r\nContent-Length: 4, 5\r\n",
        "Content-Length: 4\r\nContent-Length : 5\r\n",
        "Content-Length: 4\r\nContent-Length\t: 5\r\n",
        "Content-Length:\r\n 4\r\n",
        "Content-Length: 4 5\r\n",
        "Content-Length: 4e0\r\n",
        "Content-Length: 4.0\r\n",
        "Content-Length: \u0664\r\n",
        "Content-Length: 18446744073709551620\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Content-Length: \r\n",
        "Content-Length: 0_4\r\n",
        "Content-Length\u0000: 4\r\n",
        "Host: gw.test\r\n",
        "Host : gw.test\r\n",
        ": nameless\r\n",
        "no colon at all\r\n",
        "X-Na me: v\r\n",
        "X(1): v\r\n",
        "X\u00e9: v\r\n",
        "X-Bare-Cr: a\rContent-Length: 4\r\n",
      })
  void attackOnFramingReachesNoSandbox(String headers) throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");
    RawCaller caller =
        bed.call()
            .send(
                GatewayBed.request("POST", "/?identifier=abcd", headers)
                    + "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n");

    assertThat(caller.receive().status()).isIn(400, 417);

    assertThat(sandbox.requests).isEmpty();
  }

  /** A folded line is part of the value before it, and arrives as that (RFC 9112, 5.2). */
  @Test
  void foldedLineIsNoHeaderOfItsOwn() throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");

    RawCaller.Answer answer =
        bed.call()
            .send(
                GatewayBed.request(
                    "GET", "/?identifier=abcd", "X: y\r\n Transfer-Encoding: chunked\r\n"))
            .receive();

    assertThat(answer.status()).isEqualTo(200);
    assertThat(sandbox.requests.element().header("X"))
        .containsExactly("y Transfer-Encoding: chunked");
    assertThat(sandbox.requests.element().header("Transfer-Encoding")).isEmpty();
  }

  /** What is refused in the middle of a body ends there: no further request is read from it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "4\nabcd\r\n0\r\n\r\n",
        "4\r\nabcdXX\r\n0\r\n\r\n",
        "4\r\nabcd0\r\n\r\n",
        "-4\r\nabcd\r\n0\r\n\r\n",
        "+4\r\nabcd\r\n0\r\n\r\n",
        "0x4\r\nabcd\r\n0\r\n\r\n",
        "4 4\r\nabcd\r\n0\r\n\r\n",
        "\r\n4\r\nabcd\r\n0\r\n\r\n",
        "4;a\nb\r\nabcd\r\n0\r\n\r\n",
        "4;a=\"\n0\r\n\r\n\"\r\nabcd\r\n0\r\n\r\n",
        "100000004\r\nabcd\r\n0\r\n\r\n",
        "10000000000000004\r\nabcd\r\n0\r\n\r\n",
        "g\r\nabcd\r\n0\r\n\r\n",
        "0\n\r\n\r\n",
        "4\u0000\r\nabcd\r\n0\r\n\r\n",
      })
  void attackInChunksSmugglesNothing(String chunks) throws Exception {
    StubSandbox sandbox = bed.sandbox((request, in, out) -> drain(in));
    RawCaller caller =
        bed.call()
            .send(
                GatewayBed.request("POST", "/?identifier=abcd", "Transfer-Encoding: chunked\r\n")
                    + chunks
                    + GatewayBed.request("GET", "/smuggled?identifier=abcd", ""));
    caller.socket().shutdownOutput();

    while (!caller.isCut()) {
      // Whatever is said before the end does not matter here.
    }

    assertThat(sandbox.requests).noneMatch(request -> request.line().contains("smuggled"));
  }

  private static void drain(java.io.InputStream in) throws java.io.IOException {
    in.readAllBytes();
    throw new java.io.IOException("the caller left");
  }

  /** A chunk extension is for the next hop alone: it is dropped, whatever it holds. */
  @ParameterizedTest
  @ValueSource(strings = {";a=b", ";a=\"4\"", ";", ";;;", ";a=b;c"})
  void chunkExtensionsEndHere(String extension) throws Exception {
    var body = new java.util.concurrent.CompletableFuture<String>();
    bed.sandbox(
        (request, in, out) -> {
          body.complete(new String(in.readNBytes(14), java.nio.charset.StandardCharsets.US_ASCII));
          StubSandbox.respond(out, "ok");
        });

    RawCaller.Answer answer =
        bed.call()
            .send(
                GatewayBed.request("POST", "/?identifier=abcd", "Transfer-Encoding: chunked\r\n")
                    + "4"
                    + extension
                    + "\r\nabcd\r\n0\r\n\r\n")
            .receive();

    assertThat(answer.status()).isEqualTo(200);
    assertThat(body.get()).isEqualTo("4\r\nabcd\r\n0\r\n\r\n");
  }

  /** RFC 9112, 3: what stands for one space may be read, and never goes on as it came. */
  @ParameterizedTest
  @ValueSource(strings = {"GET  /x HTTP/1.1\r\n", "GET\t/x HTTP/1.1\r\n"})
  void separatorsInTheRequestLineBecomeOneSpace(String line) throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");
    String target = GatewayBed.BASE + "/x?identifier=abcd";

    RawCaller.Answer answer =
        bed.call()
            .send(line.replace("/x", target) + "Host: gw.test\r\n" + GatewayBed.AUTH + "\r\n")
            .receive();

    assertThat(answer.status()).isEqualTo(200);
    assertThat(sandbox.requests.element().line()).isEqualTo("GET /x?identifier=abcd HTTP/1.1");
  }

  /** The line before the headers. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /?identifier=abcd\r\n",
        "GET /a b HTTP/1.1\r\n",
        "GET /x HTTP/1.1 HTTP/1.1\r\n",
        "GET /x HTTP/1.2\r\n",
        "GET /x HTTP/9.9\r\n",
        "GET /x http/1.1\r\n",
        "GET /x\u0000 HTTP/1.1\r\n",
        "G\u0000T /x HTTP/1.1\r\n",
        "GET /x HTTP/1.1\r\r\n",
        "G(T /x HTTP/1.1\r\n",
        "/x HTTP/1.1\r\n",
      })
  void attackInTheRequestLineReachesNoSandbox(String line) throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");
    String asked =
        line.replace("/x", GatewayBed.BASE + "/x?identifier=abcd")
            .replace("/a b", GatewayBed.BASE + "/a b?identifier=abcd");

    RawCaller caller = bed.call().send(asked + "Host: gw.test\r\n" + GatewayBed.AUTH + "\r\n");
    // It must not be who leaves: a request of a caller that has gone reaches nobody, good or bad.
    while (!caller.isCut()) {
      // Whatever is said before the end does not matter here.
    }

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
