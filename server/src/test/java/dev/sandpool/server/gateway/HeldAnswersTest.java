package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Callers who read nothing must not fill the gateway's memory, however many they are (G10). */
@Timeout(120)
class HeldAnswersTest {
  private static final int CALLERS = 40;
  private static final int STREAMS_OF_ONE = 100;
  private static final int SIZES = 80;
  private static final byte NO = 0;
  private static final int LENGTH = 8 << 20;
  private static final long MOST = 4 << 20;

  /** What each of the two event loops may have in its hands beyond that. */
  private static final long PIECES = 2 * (512 << 10);

  private GatewayBed bed;

  /** How callers ask for what they do not read. */
  enum Unread {
    LENGTH_IS_SAID {
      @Override
      void ask(RawCaller caller, int number) throws IOException {
        caller.send(GatewayBed.request("GET", "/length?identifier=abcd", ""));
      }

      @Override
      boolean isCut(RawCaller caller) throws IOException {
        StubSandbox.readHead(caller.in());
        return caller.in().readNBytes(LENGTH).length < LENGTH;
      }
    },
    CHUNKS {
      @Override
      void ask(RawCaller caller, int number) throws IOException {
        caller.send(GatewayBed.request("GET", "/chunks?identifier=abcd", ""));
      }

      @Override
      boolean isCut(RawCaller caller) throws IOException {
        StubSandbox.readHead(caller.in());
        String chunk = caller.readChunk();
        while (!chunk.isEmpty()) {
          chunk = caller.readChunk();
        }
        return false;
      }
    },
    /** Of some the sockets hold all but the end, and their requests are over. */
    ALL_BUT_READ {
      @Override
      void ask(RawCaller caller, int number) throws IOException {
        caller.send(GatewayBed.request("GET", "/" + size(number) + "?identifier=abcd", ""));
      }

      @Override
      boolean isCut(RawCaller caller) throws IOException {
        List<String> head = StubSandbox.readHead(caller.in());
        int length =
            Integer.parseInt(
                new RawCaller.Answer(head, "", List.of()).header("Content-Length").getFirst());
        return caller.in().readNBytes(length).length < length;
      }

      private static int size(int number) {
        return (1 + number) * (LENGTH / SIZES);
      }

      @Override
      int connections() {
        return SIZES;
      }
    },
    UPGRADED {
      @Override
      void ask(RawCaller caller, int number) throws IOException {
        caller.send(
            GatewayBed.request(
                "GET", "/?identifier=abcd", "Upgrade: x\r\nConnection: Upgrade\r\n"));
      }

      @Override
      boolean isCut(RawCaller caller) throws IOException {
        StubSandbox.readHead(caller.in());
        return caller.in().readNBytes(LENGTH).length < LENGTH;
      }
    },
    /**
     * All of them streams of one connection, with windows of 16 MiB, from which nothing is read.
     */
    STREAMS {
      @Override
      int connections() {
        return 1;
      }

      @Override
      void ask(RawCaller caller, int number) throws IOException {
        Http2Frames frames =
            Http2Frames.begin()
                .frame(Http2Frames.SETTINGS, 0, 0, (byte) 0, (byte) 4, (byte) 1, NO, NO, NO)
                .frame(Http2Frames.WINDOW_UPDATE, 0, 0, (byte) 64, NO, NO, NO);
        for (int i = 0; i < STREAMS_OF_ONE; i++) {
          frames.frame(
              Http2Frames.HEADERS,
              Http2Frames.END_HEADERS | Http2Frames.END_STREAM,
              2 * i + 1,
              Http2Frames.block("GET", "/length?identifier=abcd"));
        }
        caller.socket().getOutputStream().write(frames.bytes());
      }

      @Override
      boolean isCut(RawCaller caller) throws IOException {
        var in = new DataInputStream(caller.in());
        Http2Frames.Frame frame = Http2Frames.read(in);
        while (frame.type() != Http2Frames.RST_STREAM) {
          frame = Http2Frames.read(in);
        }
        assertThat(frame.number(0)).as("CANCEL").isEqualTo(8);
        return true;
      }
    };

    int connections() {
      return CALLERS;
    }

    abstract void ask(RawCaller caller, int number) throws IOException;

    /** Reads to the end what was sent. */
    abstract boolean isCut(RawCaller caller) throws IOException;
  }

  @BeforeEach
  void open() throws Exception {
    GatewaySettings.Limits usual = GatewaySettings.Limits.defaults();
    bed =
        new GatewayBed(
            new GatewaySettings.Limits(
                usual.headerBytes(),
                usual.allocation(),
                usual.connect(),
                usual.idleStream(),
                usual.connections(),
                new GatewaySettings.Callers(Duration.ofMinutes(1), 1000, 1000, 1000, 600, 0, MOST)),
            10);
    bed.sandbox(HeldAnswersTest::serve);
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  private static void serve(StubSandbox.Request request, java.io.InputStream in, OutputStream out)
      throws IOException {
    String what = request.line().split("[ /?]", 5)[2];
    if (!request.header("Upgrade").isEmpty()) {
      StubSandbox.write(out, "HTTP/1.1 101 Go\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n");
      write(out, LENGTH);
    } else if (what.equals("chunks")) {
      StubSandbox.write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (int sent = 0; sent < LENGTH; sent += 1 << 16) {
        StubSandbox.write(out, "10000\r\n");
        write(out, 1 << 16);
        StubSandbox.write(out, "\r\n");
      }
      StubSandbox.write(out, "0\r\n\r\n");
    } else {
      int length = what.equals("length") ? LENGTH : Integer.parseInt(what);
      StubSandbox.write(out, "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n");
      write(out, length);
    }
  }

  private static void write(OutputStream out, int length) throws IOException {
    byte[] block = new byte[1 << 16];
    for (int sent = 0; sent < length; sent += block.length) {
      out.write(block, 0, Math.min(block.length, length - sent));
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoReadsNothingIsCutWhereAllHoldTooMuch_andWhoReadsIsNot(Unread unread) throws Exception {
    assertThat(bed.get("/1?identifier=abcd").status()).isEqualTo(200);
    List<RawCaller> deaf = new ArrayList<>();
    for (int i = 0; i < unread.connections(); i++) {
      RawCaller caller = bed.call();
      caller.socket().setReceiveBufferSize(64 << 10);
      unread.ask(caller, i);
      deaf.add(caller);
    }
    for (int i = 0; i < 3; i++) {
      assertThat(bed.get("/length?identifier=abcd").body()).hasSize(LENGTH);
    }
    var last = new AtomicLong();
    await()
        .pollInterval(Duration.ofMillis(300))
        .until(
            () -> {
              long held = bed.gateway().unreadAnswers();
              assertThat(held).isLessThan(MOST + PIECES);
              return held > 0 && last.getAndSet(held) == held;
            });

    int cut = 0;
    for (RawCaller caller : deaf) {
      cut += isCut(unread, caller) ? 1 : 0;
    }
    System.out.printf("%s: %d of %d were cut%n", unread, cut, deaf.size());
    assertThat(cut).as("who was cut").isPositive();
    assertThat(bed.get("/1?identifier=abcd").status()).as("of others").isEqualTo(200);
    for (RawCaller caller : deaf) {
      caller.close();
    }
    await().until(() -> bed.gateway().unreadAnswers() == 0);
  }

  /**
   * What was to be thrown away stays until the reset of its stream has gone out, which it may
   * never.
   */
  @Test
  void aConnectionWhoseCallerDoesNotTakeItsResetsEither_ends() throws Exception {
    assertThat(bed.get("/1?identifier=abcd").status()).isEqualTo(200);
    try (RawCaller deaf = bed.call()) {
      deaf.socket().setReceiveBufferSize(64 << 10);
      Unread.STREAMS.ask(deaf, 0);
      byte[] ping = Http2Frames.more().frame(Http2Frames.PING, 0, 0, new byte[8]).bytes();

      await()
          .pollInterval(Duration.ofMillis(200))
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> deaf.socket().getOutputStream().write(ping))
                      .isInstanceOf(IOException.class));
    }
  }

  private static boolean isCut(Unread unread, RawCaller caller) throws IOException {
    try {
      return unread.isCut(caller);
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException cut) {
      return true;
    }
  }
}
