package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 frames written by hand: what no client would send must not become HTTP/1.1. */
class Http2SmugglingTest {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;

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
    var frames = new ByteArrayOutputStream();
    frames.write(PREFACE);
    frame(frames, SETTINGS, 0, 0, new byte[0]);
    var head = new ByteArrayOutputStream();
    literal(head, ":method", method);
    literal(head, ":scheme", "http");
    literal(head, ":authority", "gw.test");
    literal(head, ":path", GatewayBed.BASE + path);
    literal(head, "authorization", "Bearer " + GatewayBed.TOKEN);
    literal(head, name, value);
    frame(frames, HEADERS, END_HEADERS | (end ? END_STREAM : 0), 1, head.toByteArray());
    if (!end) {
      byte[] body = "abcGET /smuggled HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
      frame(frames, DATA, END_STREAM, 1, body);
    }
    caller.socket().getOutputStream().write(frames.toByteArray());
    return status(new DataInputStream(caller.in()));
  }

  private static int status(DataInputStream in) throws IOException {
    while (true) {
      int lengthAndType;
      try {
        lengthAndType = in.readInt();
      } catch (IOException cut) {
        return -1;
      }
      int flags = in.readUnsignedByte();
      in.readInt();
      byte[] payload = in.readNBytes(lengthAndType >>> 8);
      int type = lengthAndType & 0xff;
      if (type == HEADERS) {
        int priority = (flags & 0x20) == 0 ? 0 : 5;
        return statusOf(Arrays.copyOfRange(payload, priority, payload.length));
      }
      if (List.of(3, 7).contains(type)) { // RST_STREAM, GOAWAY
        return -1;
      }
    }
  }

  private static int statusOf(byte[] block) throws IOException {
    try {
      var headers =
          new DefaultHttp2HeadersDecoder().decodeHeaders(1, Unpooled.wrappedBuffer(block));
      return Integer.parseInt(headers.status().toString());
    } catch (Http2Exception e) {
      throw new IOException(e);
    }
  }

  private static void literal(ByteArrayOutputStream out, String name, String value) {
    out.write(0);
    text(out, name);
    text(out, value);
  }

  private static void text(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    if (bytes.length < 127) {
      out.write(bytes.length);
    } else {
      out.write(127);
      int rest = bytes.length - 127;
      while (rest >= 128) {
        out.write(rest % 128 + 128);
        rest /= 128;
      }
      out.write(rest);
    }
    out.writeBytes(bytes);
  }

  private static void frame(
      ByteArrayOutputStream out, int type, int flags, int stream, byte[] payload) {
    out.write(payload.length >> 16);
    out.write(payload.length >> 8);
    out.write(payload.length);
    out.write(type);
    out.write(flags);
    out.writeBytes(new byte[] {0, 0, 0, (byte) stream});
    out.writeBytes(payload);
  }
}
