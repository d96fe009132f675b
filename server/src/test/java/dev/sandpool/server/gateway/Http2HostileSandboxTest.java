package dev.sandpool.server.gateway;

import static dev.sandpool.server.gateway.Http2Frames.ACK;
import static dev.sandpool.server.gateway.Http2Frames.CONTINUATION;
import static dev.sandpool.server.gateway.Http2Frames.DATA;
import static dev.sandpool.server.gateway.Http2Frames.END_HEADERS;
import static dev.sandpool.server.gateway.Http2Frames.END_STREAM;
import static dev.sandpool.server.gateway.Http2Frames.GOAWAY;
import static dev.sandpool.server.gateway.Http2Frames.HEADERS;
import static dev.sandpool.server.gateway.Http2Frames.PUSH_PROMISE;
import static dev.sandpool.server.gateway.Http2Frames.RST_STREAM;
import static dev.sandpool.server.gateway.Http2Frames.SETTINGS;
import static dev.sandpool.server.gateway.Http2Frames.WINDOW_UPDATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A sandbox that is spoken to in HTTP/2 is as hostile as any other: its caller, of HTTP/1.1 here,
 * must not read as an answer, or as a header, what was none; and its connection goes on or is cut.
 */
@Timeout(60)
class Http2HostileSandboxTest {
  private static final String POISON = "poison";
  private static final String POISONED =
      "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nX: " + POISON + "\r\n\r\n" + POISON;

  private final AtomicBoolean attacked = new AtomicBoolean();
  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
    bed.options(new PoolRoute.Options(null, false, true, null));
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  /** What is said on a stream instead of an answer. */
  interface Attack {
    void answer(Http2Frames frames, int stream);
  }

  /**
   * One of them.
   *
   * @param statuses that the caller may see; -1: the end of its connection
   */
  record Row(String name, String method, Attack attack, List<Integer> statuses) {
    Row(String name, String method, Attack attack, Integer... statuses) {
      this(name, method, attack, List.of(statuses));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  private static Row whole(String name, String method, String body, int status, String... fields) {
    return new Row(
        name,
        method,
        (frames, stream) ->
            frames
                .frame(HEADERS, END_HEADERS, stream, Http2Frames.fields(fields))
                .frame(DATA, END_STREAM, stream, bytes(body)),
        status,
        502);
  }

  private static Row refused(String name, String... fields) {
    return new Row(
        name,
        "GET",
        (frames, stream) ->
            frames
                .frame(HEADERS, END_HEADERS, stream, Http2Frames.fields(fields))
                .frame(DATA, END_STREAM, stream, bytes("mild")),
        502);
  }

  static Stream<Row> rows() {
    return Stream.of(
        whole("body after HEAD", "HEAD", POISONED, 200, ":status", "200"),
        whole("body of 204", "GET", POISONED, 204, ":status", "204"),
        whole("body of 304", "GET", POISONED, 304, ":status", "304"),
        new Row(
            "body of 205 and a length of nothing",
            "GET",
            (frames, stream) ->
                frames
                    .frame(
                        HEADERS,
                        END_HEADERS,
                        stream,
                        Http2Frames.fields(":status", "205", "content-length", "0"))
                    .frame(DATA, END_STREAM, stream, bytes(POISONED)),
            502,
            205,
            -1),
        refused("two lengths", ":status", "200", "content-length", "4", "content-length", "60"),
        refused("list of lengths", ":status", "200", "content-length", "4, 60"),
        refused("length with a sign", ":status", "200", "content-length", "+4"),
        new Row(
            "length that is too short",
            "GET",
            (frames, stream) ->
                frames
                    .frame(
                        HEADERS,
                        END_HEADERS,
                        stream,
                        Http2Frames.fields(":status", "200", "content-length", "4"))
                    .frame(DATA, END_STREAM, stream, bytes("mild" + POISONED)),
            502,
            -1),
        new Row(
            "length that is too long",
            "GET",
            (frames, stream) ->
                frames
                    .frame(
                        HEADERS,
                        END_HEADERS,
                        stream,
                        Http2Frames.fields(":status", "200", "content-length", "40"))
                    .frame(DATA, END_STREAM, stream, bytes("mild")),
            502,
            -1),
        refused("line end in a value", ":status", "200", "x", "a\r\nX: poison"),
        refused("whole answer in a value", ":status", "200", "x", "a\r\n\r\n" + POISONED),
        refused("bare line feed in a value", ":status", "200", "x", "a\nX: poison"),
        refused("zero in a value", ":status", "200", "x", "a\0poison"),
        refused("line end in a name", ":status", "200", "x\r\nX", "poison"),
        refused("colon in a name", ":status", "200", "x: poison\r\ny", "b"),
        refused("space in a name", ":status", "200", "x poison", "b"),
        refused("no status", "x", "y"),
        refused("101", ":status", "101"),
        refused("status of two digits", ":status", "20"),
        refused("status with a sign", ":status", "+20"),
        refused("status that would end its line", ":status", "2\r\n"),
        refused("two statuses", ":status", "200", ":status", "201"),
        refused("pseudo-header of requests", ":status", "200", ":path", "/poison"),
        whole(
            "forged words of ours",
            "GET",
            "mild",
            200,
            ":status",
            "200",
            "x-ms-error-code",
            POISON,
            "sandpool-request-id",
            POISON,
            "alt-svc",
            POISON,
            "strict-transport-security",
            POISON),
        refused("chunked", ":status", "200", "transfer-encoding", "chunked"),
        refused("connection", ":status", "200", "connection", "x-drop", "x-drop", POISON),
        new Row(
            "body before its head",
            "GET",
            (frames, stream) -> frames.frame(DATA, END_STREAM, stream, bytes(POISON)),
            502),
        new Row(
            "interim answer that is the last",
            "GET",
            (frames, stream) ->
                frames.frame(
                    HEADERS,
                    END_HEADERS | END_STREAM,
                    stream,
                    Http2Frames.fields(":status", "103")),
            502),
        new Row(
            "trailers that are not the last",
            "GET",
            (frames, stream) ->
                frames
                    .frame(HEADERS, END_HEADERS, stream, Http2Frames.fields(":status", "200"))
                    .frame(HEADERS, END_HEADERS, stream, Http2Frames.fields("x", POISON)),
            502,
            -1),
        new Row(
            "trailers with a status and a line end",
            "GET",
            (frames, stream) ->
                frames
                    .frame(HEADERS, END_HEADERS, stream, Http2Frames.fields(":status", "200"))
                    .frame(
                        HEADERS,
                        END_HEADERS | END_STREAM,
                        stream,
                        Http2Frames.fields("x", "a\r\n\r\n" + POISONED)),
            502,
            -1),
        new Row(
            "reset",
            "GET",
            (frames, stream) -> frames.frame(RST_STREAM, 0, stream, number(2)),
            502),
        new Row(
            "farewell", "GET", (frames, stream) -> frames.frame(GOAWAY, 0, 0, new byte[8]), 502),
        new Row(
            "push",
            "GET",
            (frames, stream) -> frames.frame(PUSH_PROMISE, END_HEADERS, stream, number(2)),
            502),
        new Row(
            "answer on a stream that nobody opened",
            "GET",
            (frames, stream) ->
                frames.frame(
                    HEADERS, END_HEADERS, stream + 20, Http2Frames.fields(":status", "200")),
            502),
        new Row(
            "window beyond its bound",
            "GET",
            (frames, stream) -> frames.frame(WINDOW_UPDATE, 0, 0, number(-1 >>> 1)),
            502),
        new Row(
            "head without end",
            "GET",
            (frames, stream) -> {
              frames.frame(HEADERS, 0, stream, Http2Frames.fields(":status", "200"));
              for (int i = 0; i < 3000; i++) {
                frames.frame(CONTINUATION, 0, stream, Http2Frames.fields("x" + i, POISON));
              }
            },
            502),
        new Row(
            "body without bytes and without end",
            "GET",
            (frames, stream) -> {
              frames.frame(HEADERS, END_HEADERS, stream, Http2Frames.fields(":status", "200"));
              for (int i = 0; i < 3000; i++) {
                frames.frame(DATA, 0, stream);
              }
            },
            502,
            -1));
  }

  private void serve(Row row, InputStream from, OutputStream out) throws IOException {
    var in = new DataInputStream(from);
    in.skipNBytes(6); // "SM" and an empty line, after what looks like a request.
    out.write(Http2Frames.more().frame(SETTINGS, 0, 0).bytes());
    while (true) {
      Http2Frames.Frame frame = Http2Frames.read(in);
      if (frame.type() == SETTINGS && frame.flags() != ACK) {
        out.write(Http2Frames.more().frame(SETTINGS, ACK, 0).bytes());
      } else if (frame.type() == HEADERS) {
        Http2Frames answer = Http2Frames.more();
        if (attacked.compareAndSet(false, true)) {
          row.attack.answer(answer, frame.stream());
        } else {
          answer
              .frame(
                  HEADERS,
                  END_HEADERS,
                  frame.stream(),
                  Http2Frames.fields(":status", "200", "content-length", "4"))
              .frame(DATA, END_STREAM, frame.stream(), bytes("mild"));
        }
        out.write(answer.bytes());
        out.flush();
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void harmsNobodyElse(Row row) throws Exception {
    bed.sandbox((request, in, out) -> serve(row, in, out));
    RawCaller caller =
        bed.call().send(GatewayBed.request(row.method, "/attack?identifier=abcd", ""));

    int status = -1;
    try {
      RawCaller.Answer answer = caller.receive(row.method.equals("HEAD"));
      status = answer.status();
      assertThat(answer.toString()).as(row.name).doesNotContain(POISON);
    } catch (IOException | NumberFormatException cut) {
      // An answer that has begun can end in no other way.
      status = -1;
    }

    assertThat(row.statuses).as("%s: %s", row, status).contains(status);
    boolean open = status > 0 && !caller.isClosed();
    RawCaller next = open ? caller : bed.call();
    RawCaller.Answer after =
        next.send(GatewayBed.request("GET", "/?identifier=abcd", "")).receive();
    assertThat(after.status()).as(row.name).isEqualTo(200);
    assertThat(after.body()).as(row.name).isEqualTo("mild");
    await().until(() -> Objects.requireNonNull(bed.session("abcd")).inFlight() == 0);
  }
}
