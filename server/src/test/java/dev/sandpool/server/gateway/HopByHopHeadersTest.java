package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Text blocks would hide the line ends that the tests are about. */
@SuppressWarnings("StringConcatToTextBlock")
class HopByHopHeadersTest {
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
  void hopByHopHeadersOfTheCallerEndHere() throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");
    // A change to HTTP/2 can be asked for with the first request of a connection alone.
    RawCaller caller = bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", ""));
    caller.receive();
    sandbox.requests.clear();

    caller
        .send(
            GatewayBed.request(
                "GET",
                "/?identifier=abcd",
                "Connection: keep-alive, X-Secret-Hop ,content-length\r\nX-Secret-Hop: 1\r\n"
                    + "Keep-Alive: timeout=5\r\nProxy-Authorization: Basic eA==\r\n"
                    + "Proxy-Connection: keep-alive\r\nTE: gzip\r\nUpgrade: h2c\r\n"
                    + "HTTP2-Settings: AAMAAABkAAQAAP__\r\nX-Kept: yes\r\nx-kept: again\r\n"))
        .receive();

    StubSandbox.Request seen = sandbox.requests.element();
    for (String name :
        new String[] {
          "Connection",
          "X-Secret-Hop",
          "Keep-Alive",
          "Proxy-Authorization",
          "Proxy-Connection",
          "TE",
          "Upgrade",
          "HTTP2-Settings"
        }) {
      assertThat(seen.header(name)).as(name).isEmpty();
    }
    assertThat(seen.header("X-Kept")).containsExactly("yes", "again");
  }

  @Test
  void hopByHopHeadersOfTheSandboxEndHere() throws Exception {
    bed.sandbox(
        (request, in, out) ->
            StubSandbox.write(
                out,
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n"
                    + "Connection: X-Internal\r\nX-Internal: 1\r\nKeep-Alive: timeout=9\r\n"
                    + "Proxy-Authenticate: Basic\r\nX-Kept: yes\r\n\r\nok"));

    RawCaller.Answer answer = bed.get("/?identifier=abcd");

    assertThat(answer.body()).isEqualTo("ok");
    assertThat(answer.header("X-Internal")).isEmpty();
    assertThat(answer.header("Keep-Alive")).isEmpty();
    assertThat(answer.header("Proxy-Authenticate")).isEmpty();
    assertThat(answer.header("X-Kept")).containsExactly("yes");
  }

  /**
   * One such head took the thread that forwards for others as well two seconds, when each of its
   * headers was compared with each of the names.
   */
  @Test
  @Timeout(20)
  void thousandsOfNamesForThousandsOfHeadersKeepNobodyWaiting() throws Exception {
    String head =
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: "
            + "a,".repeat(20_000)
            + "x-internal\r\nX-Internal: 1\r\nA: 1\r\n"
            + "b:\r\n".repeat(4_000)
            + "\r\nok";
    bed.sandbox((request, in, out) -> StubSandbox.write(out, head));

    for (int i = 0; i < 20; i++) {
      RawCaller.Answer answer = bed.get("/?identifier=abcd");

      assertThat(answer.body()).isEqualTo("ok");
      assertThat(answer.header("X-Internal")).isEmpty();
      assertThat(answer.header("A")).isEmpty();
      assertThat(answer.header("b")).hasSize(4_000);
    }
  }

  @Test
  void connectionCannotNameTheBodysLengthAway() throws Exception {
    StubSandbox sandbox =
        bed.sandbox(
            (request, in, out) -> {
              byte[] body = in.readNBytes(5);
              StubSandbox.respond(out, new String(body, java.nio.charset.StandardCharsets.UTF_8));
            });

    RawCaller.Answer answer =
        bed.call()
            .send(
                GatewayBed.request(
                        "POST",
                        "/?identifier=abcd",
                        "Connection: content-length, host\r\nContent-Length: 5\r\n")
                    + "hello")
            .receive();

    assertThat(answer.body()).isEqualTo("hello");
    assertThat(sandbox.requests.element().header("Content-Length")).containsExactly("5");
    assertThat(sandbox.requests.element().header("Host")).containsExactly("gw.test");
  }
}
