package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Frames that are legal one by one and cost the other side more than their sender: the families of
 * CVE-2019-9511 to 9518, CVE-2023-44487 (rapid reset), CVE-2024-27316 (endless continuation) and
 * CVE-2025-8671 (resets that the other side is made to send).
 */
@Timeout(120)
class Http2FloodTest {
  private static final int ROUNDS = 1_000_000;

  /** Rounds that are written at once. */
  private static final int BATCH = 100;

  private static final byte[] NONE = {};

  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
    bed.sandbox(
        (request, in, out) -> {
          if (request.line().contains("/mild")) {
            StubSandbox.respond(out, "mild");
          } else {
            in.readAllBytes();
          }
        });
    assertThat(bed.get("/mild?identifier=abcd").body()).isEqualTo("mild");
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  /** The frames of one round. */
  interface Flood {
    void round(Http2Frames frames, int number);
  }

  private static byte[] head(String method) {
    return Http2Frames.block(method, "/slow?identifier=abcd");
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  private static Arguments flood(String name, Flood flood) {
    return Arguments.of(name, flood);
  }

  static Stream<Arguments> floods() {
    int whole = Http2Frames.END_HEADERS | Http2Frames.END_STREAM;
    return Stream.of(
        flood(
            "requests that are taken back at once",
            (frames, i) ->
                frames
                    .frame(Http2Frames.HEADERS, whole, 2 * i + 1, head("GET"))
                    .frame(Http2Frames.RST_STREAM, 0, 2 * i + 1, number(8))),
        flood(
            "requests that have to be reset",
            (frames, i) ->
                frames
                    .frame(Http2Frames.HEADERS, Http2Frames.END_HEADERS, 2 * i + 1, head("POST"))
                    .frame(Http2Frames.WINDOW_UPDATE, 0, 2 * i + 1, number(0))),
        flood(
            "a head without end, in pieces of one octet",
            (frames, i) -> {
              if (i == 0) {
                frames.frame(Http2Frames.HEADERS, Http2Frames.END_STREAM, 1, head("GET"));
              }
              frames.frame(Http2Frames.CONTINUATION, 0, 1, (byte) 0x82);
            }),
        flood(
            "a head without end, in large pieces",
            (frames, i) -> {
              if (i == 0) {
                frames.frame(Http2Frames.HEADERS, Http2Frames.END_STREAM, 1, head("GET"));
              }
              frames.frame(Http2Frames.CONTINUATION, 0, 1, indexed(16_000));
            }),
        flood(
            "a head that unpacks to a thousand times its size",
            (frames, i) -> {
              byte[] name = new byte[4000];
              Arrays.fill(name, (byte) 'a');
              var block = new ByteArrayOutputStream();
              block.writeBytes(head("GET"));
              block.writeBytes(new byte[] {0x40, 1, 'x', 127, (byte) 0xa1, 0x1e});
              block.writeBytes(name);
              byte[] again = indexed(4000);
              Arrays.fill(again, (byte) (0x80 | 62));
              block.writeBytes(again);
              frames.frame(Http2Frames.HEADERS, whole, 2 * i + 1, block.toByteArray());
            }),
        flood(
            "data without a byte",
            (frames, i) -> {
              if (i == 0) {
                frames.frame(Http2Frames.HEADERS, Http2Frames.END_HEADERS, 1, head("POST"));
              }
              frames.frame(Http2Frames.DATA, 0, 1, NONE);
            }),
        flood(
            "pings whose answers nobody reads",
            (frames, i) -> frames.frame(Http2Frames.PING, 0, 0, new byte[8])),
        flood(
            "settings whose answers nobody reads",
            (frames, i) -> frames.frame(Http2Frames.SETTINGS, 0, 0, NONE)));
  }

  /** Fields of the static table: one octet each, more when they are unpacked. */
  private static byte[] indexed(int count) {
    byte[] fields = new byte[count];
    Arrays.fill(fields, (byte) (0x80 | 28));
    return fields;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("floods")
  void floodEndsItsConnectionAndNobodyElseNotices(String name, Flood flood) throws Exception {
    long before = GatewayBed.bufferBytes();
    RawCaller caller = bed.call();
    caller.socket().setReceiveBufferSize(4096);

    assertThat(isCutWithin(caller, flood)).as("%s ends", name).isTrue();

    assertThat(bed.get("/mild?identifier=abcd").body()).isEqualTo("mild");
    caller.close();
    await().until(() -> Objects.requireNonNull(bed.session("abcd")).inFlight() == 0);
    assertThat(GatewayBed.bufferBytes()).as("buffers").isLessThan(before + (32 << 20));
  }

  /** Writes until it is no longer let; what is held in the kernel's buffers comes on top. */
  private static boolean isCutWithin(RawCaller caller, Flood flood) throws IOException {
    var out = caller.socket().getOutputStream();
    try {
      Http2Frames frames = Http2Frames.begin();
      for (int i = 0; i < ROUNDS; i++) {
        flood.round(frames, i);
        if (i % BATCH == BATCH - 1) {
          out.write(frames.bytes());
          frames = Http2Frames.more();
        }
      }
      return false;
    } catch (IOException cut) {
      return true;
    }
  }
}
