package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Text blocks would hide the line ends that the tests are about. */
@SuppressWarnings("StringConcatToTextBlock")
class RequestBodyTest {
  private static final int LENGTH = 9 << 20;

  /** Socket buffers hold a few MiB; more than this would be memory of the gateway. */
  private static final long STALLED_BELOW = 48L << 20;

  private final byte[] body = new byte[LENGTH];
  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
    long seed = System.nanoTime();
    System.out.println("bodies of requests: seed " + seed);
    new SplittableRandom(seed).nextBytes(body);
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  /** Takes a body slowly at first, so that the gateway has to hold it back. */
  private byte[] slowly(InputStream in) throws Exception {
    byte[] taken = new byte[LENGTH];
    for (int at = 0; at < 64; at++) {
      taken[at] = (byte) in.read();
      LockSupport.parkNanos(2_000_000);
    }
    in.readNBytes(taken, 64, LENGTH - 64);
    return taken;
  }

  /** Several on one connection: what comes first of each, before its sandbox is there, too. */
  @Test
  void bodiesArriveAsTheyWereSentOneAfterTheOther() throws Exception {
    bed.sandbox(
        (request, in, out) ->
            StubSandbox.respond(out, Arrays.equals(slowly(in), body) ? "same" : "other"));
    RawCaller caller = bed.call();

    for (int i = 0; i < 3; i++) {
      caller.send(
          GatewayBed.request("PUT", "/?identifier=abcd", "Content-Length: " + LENGTH + "\r\n"));
      caller.socket().getOutputStream().write(body);

      assertThat(caller.receive().body()).isEqualTo("same");
    }
  }

  @Test
  void chunksOfAnySizeArriveAsTheyWereSent() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          byte[] taken = new byte[LENGTH];
          int at = 0;
          int size = Integer.parseInt(StubSandbox.readLine(in), 16);
          while (size > 0) {
            at += in.readNBytes(taken, at, size);
            in.skipNBytes(2);
            size = Integer.parseInt(StubSandbox.readLine(in), 16);
          }
          StubSandbox.readLine(in);
          StubSandbox.respond(out, Arrays.equals(taken, body) ? "same" : "other");
        });
    RawCaller caller =
        bed.call()
            .send(GatewayBed.request("PUT", "/?identifier=abcd", "Transfer-Encoding: chunked\r\n"));
    OutputStream out = caller.socket().getOutputStream();

    int size = 1;
    for (int at = 0; at < LENGTH; at += size, size = size * 3 % 300_007 + 1) {
      int length = Math.min(size, LENGTH - at);
      out.write((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
      out.write(body, at, length);
      out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
    }
    out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

    assertThat(caller.receive().body()).isEqualTo("same");
  }

  @Test
  void answerBeforeTheEndOfTheBodyLeavesTheConnectionToTheNextRequest() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.respond(out, request.line().startsWith("PUT") ? "enough" : "next");
          // Bytes that nobody reads would make a closed connection take the answer with it.
          in.readAllBytes();
        });
    RawCaller caller =
        bed.call()
            .send(
                GatewayBed.request(
                    "PUT", "/?identifier=abcd", "Content-Length: " + LENGTH + "\r\n"));
    Thread sender = Thread.ofVirtual().start(() -> write(caller, body));

    assertThat(caller.receive().body()).isEqualTo("enough");
    sender.join();
    caller.send(GatewayBed.request("GET", "/?identifier=abcd", ""));

    assertThat(caller.receive().body()).isEqualTo("next");
  }

  @Test
  void requestsSentWithoutWaitingBehindBodyAreNotReadWithoutEnd() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    bed.sandbox(
        (request, in, out) -> {
          if (request.line().startsWith("PUT")) {
            StubSandbox.respond(out, Arrays.equals(slowly(in), body) ? "same" : "other");
          } else {
            go.await();
          }
        });
    RawCaller caller =
        bed.call()
            .send(
                GatewayBed.request(
                    "PUT", "/?identifier=abcd", "Content-Length: " + LENGTH + "\r\n"));
    byte[] next =
        GatewayBed.request("GET", "/?identifier=abcd", "X: " + "x".repeat(8000) + "\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    var sent = new AtomicLong();
    Thread sender =
        Thread.ofVirtual()
            .start(
                () -> {
                  write(caller, body);
                  while (write(caller, next)) {
                    sent.addAndGet(next.length);
                  }
                });

    assertThat(caller.receive().body()).isEqualTo("same");

    var last = new AtomicLong(-1);
    await()
        .pollInterval(Duration.ofMillis(500))
        .atMost(Duration.ofSeconds(30))
        .until(() -> sent.get() > 0 && last.getAndSet(sent.get()) == sent.get());
    assertThat(sent.get()).isLessThan(STALLED_BELOW);
    caller.close();
    sender.join();
    go.countDown();
  }

  private static boolean write(RawCaller caller, byte[] bytes) {
    try {
      caller.socket().getOutputStream().write(bytes);
      return true;
    } catch (java.io.IOException cut) {
      return false;
    }
  }
}
