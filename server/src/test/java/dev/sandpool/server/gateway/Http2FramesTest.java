package dev.sandpool.server.gateway;

import static dev.sandpool.server.gateway.Http2Frames.ACK;
import static dev.sandpool.server.gateway.Http2Frames.CONTINUATION;
import static dev.sandpool.server.gateway.Http2Frames.DATA;
import static dev.sandpool.server.gateway.Http2Frames.END_HEADERS;
import static dev.sandpool.server.gateway.Http2Frames.END_STREAM;
import static dev.sandpool.server.gateway.Http2Frames.GOAWAY;
import static dev.sandpool.server.gateway.Http2Frames.HEADERS;
import static dev.sandpool.server.gateway.Http2Frames.PADDED;
import static dev.sandpool.server.gateway.Http2Frames.PING;
import static dev.sandpool.server.gateway.Http2Frames.PRIORITY;
import static dev.sandpool.server.gateway.Http2Frames.PUSH_PROMISE;
import static dev.sandpool.server.gateway.Http2Frames.RST_STREAM;
import static dev.sandpool.server.gateway.Http2Frames.SETTINGS;
import static dev.sandpool.server.gateway.Http2Frames.WINDOW_UPDATE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What RFC 9113 says of the frames that a proxy handles. Not here: server push, which the gateway
 * never makes; priorities, which it ignores; TLS' own rules (section 9.2); how a client has to
 * behave.
 */
class Http2FramesTest {
  private static final int PROTOCOL_ERROR = 1;
  private static final int FLOW_CONTROL_ERROR = 3;
  private static final int STREAM_CLOSED = 5;
  private static final int FRAME_SIZE_ERROR = 6;
  private static final int COMPRESSION_ERROR = 9;
  private static final byte[] NONE = {};

  private GatewayBed bed;
  private StubSandbox sandbox;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
    sandbox =
        bed.sandbox(
            (request, in, out) -> StubSandbox.respond(out, "got " + Bodies.read(request, in)));
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  private static byte[] get() {
    return Http2Frames.block("GET", "/?identifier=abcd");
  }

  private static byte[] post() {
    return Http2Frames.block("POST", "/?identifier=abcd");
  }

  private static byte[] number(int value) {
    return java.nio.ByteBuffer.allocate(4).putInt(value).array();
  }

  private static byte[] setting(int id, int value) {
    return java.nio.ByteBuffer.allocate(6).putShort((short) id).putInt(value).array();
  }

  private static byte[] padded(int padding, byte[] payload, int zeros) {
    var all = new ByteArrayOutputStream();
    all.write(padding);
    all.writeBytes(payload);
    all.writeBytes(new byte[zeros]);
    return all.toByteArray();
  }

  private DataInputStream send(Http2Frames frames) throws IOException {
    RawCaller caller = bed.call();
    caller.socket().getOutputStream().write(frames.bytes());
    return new DataInputStream(caller.in());
  }

  static Stream<Arguments> frames() {
    return Stream.of(
        Arguments.of(
            "head and end in one",
            Http2Frames.begin().frame(HEADERS, END_HEADERS | END_STREAM, 1, get())),
        Arguments.of(
            "head in pieces",
            Http2Frames.begin()
                .frame(HEADERS, END_STREAM, 1, Arrays.copyOf(get(), 9))
                .frame(CONTINUATION, 0, 1, Arrays.copyOfRange(get(), 9, 20))
                .frame(CONTINUATION, 0, 1)
                .frame(CONTINUATION, END_HEADERS, 1, Arrays.copyOfRange(get(), 20, get().length))),
        Arguments.of(
            "padded head",
            Http2Frames.begin()
                .frame(HEADERS, END_HEADERS | END_STREAM | PADDED, 1, padded(7, get(), 7))),
        Arguments.of(
            "padded data and an empty end",
            Http2Frames.begin()
                .frame(HEADERS, END_HEADERS, 1, post())
                .frame(DATA, PADDED, 1, padded(3, "body".getBytes(StandardCharsets.US_ASCII), 3))
                .frame(DATA, END_STREAM, 1)),
        Arguments.of(
            "priority before, within and of itself unknown",
            Http2Frames.begin()
                .frame(PRIORITY, 0, 3, new byte[] {0, 0, 0, 0, 15})
                .frame(HEADERS, END_HEADERS | END_STREAM, 1, get())),
        Arguments.of(
            "unknown types and flags",
            Http2Frames.begin()
                .frame(0x42, 0xff, 0, (byte) 1, (byte) 2)
                .frame(HEADERS, END_HEADERS | END_STREAM | 0x40, 1, get())
                .frame(0x43, 0, 1)),
        Arguments.of(
            "unknown settings",
            Http2Frames.begin()
                .frame(SETTINGS, 0, 0, setting(0x4242, 7))
                .frame(HEADERS, END_HEADERS | END_STREAM, 1, get())),
        Arguments.of(
            "another stream reset",
            Http2Frames.begin()
                .frame(HEADERS, END_HEADERS, 1, post())
                .frame(RST_STREAM, 0, 1, number(8))
                .frame(HEADERS, END_HEADERS | END_STREAM, 3, get())),
        Arguments.of(
            "trailers",
            Http2Frames.begin()
                .frame(HEADERS, END_HEADERS, 1, post())
                .frame(DATA, 0, 1, (byte) 'x')
                .frame(HEADERS, END_HEADERS | END_STREAM, 1, trailer())));
  }

  private static byte[] trailer() {
    return new byte[] {0, 3, 'x', '-', 't', 1, 'v'};
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("frames")
  void legalFramesAreAnswered(String name, Http2Frames frames) throws Exception {
    try (DataInputStream in = send(frames)) {
      Http2Frames.Frame frame = Http2Frames.read(in);
      while (frame.type() != HEADERS) {
        assertThat(frame.type()).as(name).isNotIn(GOAWAY);
        frame = Http2Frames.read(in);
      }
      assertThat(frame.status()).as(name).isEqualTo(200);
    }
  }

  static Stream<Arguments> errors() {
    return Stream.of(
        error("data on stream 0", PROTOCOL_ERROR, DATA, 0, 0, new byte[] {1}),
        error("head on stream 0", PROTOCOL_ERROR, HEADERS, END_HEADERS | END_STREAM, 0, get()),
        error("head on an even stream", PROTOCOL_ERROR, HEADERS, END_HEADERS, 2, get()),
        error("data on an idle stream", PROTOCOL_ERROR, DATA, END_STREAM, 1, new byte[] {1}),
        error("reset of an idle stream", PROTOCOL_ERROR, RST_STREAM, 0, 1, number(8)),
        error("reset on stream 0", PROTOCOL_ERROR, RST_STREAM, 0, 0, number(8)),
        error("reset of another length", FRAME_SIZE_ERROR, RST_STREAM, 0, 1, new byte[3]),
        error("priority on stream 0", PROTOCOL_ERROR, PRIORITY, 0, 0, new byte[5]),
        error("settings on a stream", PROTOCOL_ERROR, SETTINGS, 0, 1, NONE),
        error("settings of no whole length", FRAME_SIZE_ERROR, SETTINGS, 0, 0, new byte[5]),
        error("settings' answer with a payload", FRAME_SIZE_ERROR, SETTINGS, ACK, 0, new byte[6]),
        error("push neither on nor off", PROTOCOL_ERROR, SETTINGS, 0, 0, setting(2, 2)),
        error("window too large", FLOW_CONTROL_ERROR, SETTINGS, 0, 0, setting(4, -1)),
        error("frame size too small", PROTOCOL_ERROR, SETTINGS, 0, 0, setting(5, 16_383)),
        error("frame size too large", PROTOCOL_ERROR, SETTINGS, 0, 0, setting(5, 1 << 24)),
        error("push from a client", PROTOCOL_ERROR, PUSH_PROMISE, END_HEADERS, 1, number(2)),
        error("ping on a stream", PROTOCOL_ERROR, PING, 0, 1, new byte[8]),
        error("ping of another length", FRAME_SIZE_ERROR, PING, 0, 0, new byte[7]),
        error("goaway on a stream", PROTOCOL_ERROR, GOAWAY, 0, 1, new byte[8]),
        error("window of nothing", PROTOCOL_ERROR, WINDOW_UPDATE, 0, 0, number(0)),
        error("window of another length", FRAME_SIZE_ERROR, WINDOW_UPDATE, 0, 0, new byte[3]),
        error("window beyond its bound", FLOW_CONTROL_ERROR, WINDOW_UPDATE, 0, 0, number(-1 >>> 1)),
        error("window of an idle stream", PROTOCOL_ERROR, WINDOW_UPDATE, 0, 1, number(1)),
        error("continuation of nothing", PROTOCOL_ERROR, CONTINUATION, END_HEADERS, 1, get()),
        error("frame that is too long", FRAME_SIZE_ERROR, DATA, 0, 1, new byte[16_385]),
        error("padding longer than its frame", PROTOCOL_ERROR, HEADERS, 12, 1, padded(9, NONE, 3)),
        error(
            "head that is no HPACK",
            COMPRESSION_ERROR,
            HEADERS,
            END_HEADERS | END_STREAM,
            1,
            new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 127}),
        Arguments.of(
            "another frame within a head",
            PROTOCOL_ERROR,
            Http2Frames.begin()
                .frame(HEADERS, END_STREAM, 1, Arrays.copyOf(get(), 9))
                .frame(PING, 0, 0, new byte[8])),
        Arguments.of(
            "continuation of another stream",
            PROTOCOL_ERROR,
            Http2Frames.begin()
                .frame(HEADERS, END_STREAM, 1, Arrays.copyOf(get(), 9))
                .frame(CONTINUATION, END_HEADERS, 3, Arrays.copyOfRange(get(), 9, get().length))),
        Arguments.of(
            "stream number that goes back, which closed when a higher one was used",
            STREAM_CLOSED,
            Http2Frames.begin()
                .frame(HEADERS, END_HEADERS | END_STREAM, 5, get())
                .frame(HEADERS, END_HEADERS | END_STREAM, 3, get())),
        Arguments.of(
            "data after the end",
            STREAM_CLOSED,
            Http2Frames.begin()
                .frame(HEADERS, END_HEADERS | END_STREAM, 1, get())
                .frame(DATA, END_STREAM, 1, (byte) 'x')));
  }

  private static Arguments error(
      String name, int code, int type, int flags, int stream, byte[] payload) {
    return Arguments.of(name, code, Http2Frames.begin().frame(type, flags, stream, payload));
  }

  /** RFC 9113, 5.4: a connection ends with GOAWAY, a stream with RST_STREAM. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("errors")
  void brokenFrameEndsStreamOrConnectionWithItsCode(String name, int code, Http2Frames frames)
      throws Exception {
    try (DataInputStream in = send(frames)) {
      assertThat(errorCode(in)).as(name).isEqualTo(code);
    }
    // Others do not notice.
    assertThat(bed.get("/?identifier=abcd").status()).isEqualTo(200);
  }

  /** Of the stream or connection that is ended; -1 if it is ended without a word. */
  private static int errorCode(DataInputStream in) throws IOException {
    try {
      while (true) {
        Http2Frames.Frame frame = Http2Frames.read(in);
        switch (frame.type()) {
          case RST_STREAM -> {
            return frame.number(0);
          }
          case GOAWAY -> {
            return frame.number(4);
          }
          default -> {}
        }
      }
    } catch (EOFException | SocketException ended) {
      return -1;
    }
  }

  @Test
  void pingAndSettingsAreAnswered() throws Exception {
    byte[] said = "12345678".getBytes(StandardCharsets.US_ASCII);
    boolean settings = false;
    boolean ping = false;
    try (DataInputStream in = send(Http2Frames.begin().frame(PING, 0, 0, said))) {
      while (!settings || !ping) {
        Http2Frames.Frame frame = Http2Frames.read(in);
        settings |= frame.type() == SETTINGS && frame.flags() == ACK;
        if (frame.type() == PING) {
          assertThat(frame.flags()).isEqualTo(ACK);
          assertThat(frame.payload()).isEqualTo(said);
          ping = true;
        }
      }
    }
    assertThat(sandbox.requests).isEmpty();
  }

  @Test
  void noMoreIsSentThanTheCallersWindowLets() throws Exception {
    bed.sandbox((request, in, out) -> StubSandbox.respond(out, "x".repeat(1000)));
    Http2Frames frames =
        Http2Frames.begin()
            .frame(SETTINGS, 0, 0, setting(4, 10))
            .frame(
                HEADERS,
                END_HEADERS | END_STREAM,
                1,
                Http2Frames.block("GET", "/?identifier=windowed"));
    assertThat(bed.get("/?identifier=abcd").status()).isEqualTo(200);
    RawCaller caller = bed.call();
    caller.socket().getOutputStream().write(frames.bytes());
    var in = new DataInputStream(caller.in());
    int bytes = 0;
    while (bytes < 10) {
      bytes += data(Http2Frames.read(in));
    }
    assertThat(bytes).isEqualTo(10);
    var more = new ByteArrayOutputStream();
    byte[] window = Http2Frames.begin().frame(WINDOW_UPDATE, 0, 1, number(990)).bytes();
    byte[] begin = Http2Frames.begin().bytes();
    more.writeBytes(Arrays.copyOfRange(window, begin.length, window.length));
    caller.socket().getOutputStream().write(more.toByteArray());
    while (bytes < 1000) {
      bytes += data(Http2Frames.read(in));
    }
    assertThat(bytes).isEqualTo(1000);
  }

  private static int data(Http2Frames.Frame frame) {
    assertThat(frame.type()).isNotIn(GOAWAY, RST_STREAM);
    return frame.type() == DATA ? frame.payload().length : 0;
  }
}
