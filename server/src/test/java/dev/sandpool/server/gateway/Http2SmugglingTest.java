package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 frames written by hand: what no client would send must not become HTTP/1.1. */
class Http2SmugglingTest {
  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  /** Name and value, separated by a bar; \r, \n and \0 stand for themselves. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "transfer-encoding|chunked",
        "connection|close",
        "connection|content-length",
        "keep-alive|timeout=5",
        "proxy-connection|keep-alive",
        "upgrade|websocket",
        "te|gzip",
        "x|a\r\nTransfer-Encoding: chunked",
        "x|a\nContent-Length: 0",
        "x|a\rb",
        "x|a\0b",
        "x\r\ny|z",
        "x: y|z",
        "x y|z",
        "X-Upper|z",
        "|z",
        "content-length|4",
        "content-length|-1",
        "content-length|1, 1",
        "content-length|+1",
        "host|other.test",
        ":path|/other",
        ":method|PUT",
        ":unknown|x",
      })
  void headerThatWouldReadOtherwiseInHttp1IsRefused(String header) throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");
    int bar = header.indexOf('|');

    int status =
        ask("GET", "/?identifier=abcd", true, header.substring(0, bar), header.substring(bar + 1));

    assertThat(status).isIn(400, -1);
    assertThat(sandbox.requests).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET",
        "GET /x",
        "G\0T",
        "",
        "CONNECT",
      })
  void methodThatIsNoTokenIsRefused(String method) throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");

    assertThat(ask(method, "/?identifier=abcd", true, "x-a", "b")).isIn(400, 405, -1);
    assertThat(sandbox.requests).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/?identifier=abcd HTTP/1.1\r\nX: y",
        "/?identifier=abcd\r\n\r\nGET /smuggled HTTP/1.1",
        "/a b?identifier=abcd",
        "/a\tb?identifier=abcd",
        "/\0?identifier=abcd",
      })
  void pathThatWouldEndTheRequestLineIsRefused(String path) throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");

    assertThat(ask("GET", path, true, "x-a", "b")).isIn(400, -1);
    assertThat(sandbox.requests).isEmpty();
  }

  @Test
  void controlPasses() throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");

    assertThat(ask("GET", "/?identifier=abcd", true, "x-a", "b")).isEqualTo(200);
    assertThat(sandbox.requests.element().header("x-a")).containsExactly("b");
  }

  @Test
  void bodyLongerThanItsLengthNeverReachesTheSandboxWhole() throws Exception {
    StubSandbox sandbox =
        bed.sandbox((request, in, out) -> StubSandbox.respond(out, Bodies.read(request, in)));

    int status = ask("POST", "/?identifier=abcd", false, "content-length", "3");

    assertThat(status).isIn(400, -1);
    assertThat(sandbox.requests).hasSizeLessThanOrEqualTo(1);
    assertThat(sandbox.requests).noneMatch(request -> request.line().contains("smuggled"));
  }

  /** The status of the answer; -1 if the stream or connection was ended instead. */
  private int ask(String method, String path, boolean end, String name, String value)
      throws IOException {
    RawCaller caller = bed.call();
    int flags = Http2Frames.END_HEADERS | (end ? Http2Frames.END_STREAM : 0);
    Http2Frames frames =
        Http2Frames.begin()
            .frame(Http2Frames.HEADERS, flags, 1, Http2Frames.block(method, path, name, value));
    if (!end) {
      byte[] body = "abcGET /smuggled HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
      frames.frame(Http2Frames.DATA, Http2Frames.END_STREAM, 1, body);
    }
    caller.socket().getOutputStream().write(frames.bytes());
    return status(new DataInputStream(caller.in()));
  }

  private static int status(DataInputStream in) throws IOException {
    while (true) {
      Http2Frames.Frame frame;
      try {
        frame = Http2Frames.read(in);
      } catch (IOException cut) {
        return -1;
      }
      switch (frame.type()) {
        case Http2Frames.HEADERS -> {
          return frame.status();
        }
        case Http2Frames.RST_STREAM, Http2Frames.GOAWAY -> {
          return -1;
        }
        default -> {}
      }
    }
  }
}
