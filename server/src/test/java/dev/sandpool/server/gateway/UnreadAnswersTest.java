package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who sends requests and reads no answers must not have them pile up in the gateway's memory. */
@Timeout(120)
class UnreadAnswersTest {
  /** Their answers are several times what the kernel takes for a connection, here 4 MiB at most. */
  private static final int REQUESTS = 40_000;

  private static final int PER_WRITE = 500;
  private static final int RECEIVED = 256 << 10;

  private final AtomicInteger begun = new AtomicInteger();
  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
    bed.sandbox((request, in, out) -> StubSandbox.respond(out, Bodies.read(request, in) + "!"));
    assertThat(bed.get("/?identifier=abcd").body()).isEqualTo("!");
    bed.tokens.onKnown = token -> begun.incrementAndGet();
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  /** In the background, as long as they are taken. */
  private static Thread send(Socket socket, String request, int count) {
    byte[] some = request.repeat(PER_WRITE).getBytes(StandardCharsets.ISO_8859_1);
    return Thread.ofVirtual()
        .start(
            () -> {
              try {
                OutputStream out = socket.getOutputStream();
                for (int sent = 0; sent < count; sent += PER_WRITE) {
                  out.write(some);
                }
              } catch (IOException closed) {
                // The test has seen enough.
              }
            });
  }

  private void awaitStandstill() {
    var last = new AtomicInteger(-1);
    await()
        .pollInterval(Duration.ofMillis(300))
        .atMost(Duration.ofSeconds(60))
        .until(() -> last.getAndSet(begun.get()) == begun.get() && begun.get() > 0);
  }

  @Test
  void refusalsThatNobodyReadsStopTheirCallerAndAreAllThereWhenItReads() throws Exception {
    RawCaller caller = bed.call();
    caller.socket().setReceiveBufferSize(RECEIVED);
    Thread sender = send(caller.socket(), GatewayBed.request("GET", "/", ""), REQUESTS);

    awaitStandstill();

    assertThat(begun.get()).as("answered though nobody reads").isLessThan(REQUESTS / 2);
    assertThat(bed.get("/?identifier=abcd").body()).as("another caller").isEqualTo("!");
    for (int i = 0; i < REQUESTS; i++) {
      assertThat(caller.receive().status()).isEqualTo(400);
    }
    sender.join();
  }

  @Test
  void requestThatWaitedArrivesWithItsBody() throws Exception {
    RawCaller caller = bed.call();
    caller.socket().setReceiveBufferSize(RECEIVED);
    Thread sender = send(caller.socket(), GatewayBed.request("GET", "/", ""), REQUESTS / 2);
    awaitStandstill();
    int answers = REQUESTS / 2;

    Thread last =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    sender.join();
                    caller.send(
                        GatewayBed.request(
                            "POST", "/?identifier=abcd", "Content-Length: 300000\r\n"));
                    caller.send("x".repeat(300_000));
                  } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                });
    for (int i = 0; i < answers; i++) {
      assertThat(caller.receive().status()).isEqualTo(400);
    }

    assertThat(caller.receive().body()).isEqualTo("x".repeat(300_000) + "!");
    last.join();
  }

  @Test
  void callerThatNeverReadsIsLeft() throws Exception {
    bed.close();
    var callers = new GatewaySettings.Callers(Duration.ofSeconds(2), 100, 100, 100, 600, 0);
    bed =
        new GatewayBed(
            new GatewaySettings.Limits(
                64 * 1024,
                Duration.ofSeconds(30),
                Duration.ofSeconds(5),
                Duration.ofSeconds(2),
                512,
                callers),
            10);
    RawCaller caller = bed.call();
    caller.socket().setReceiveBufferSize(RECEIVED);
    var refused = new AtomicBoolean();
    var over = new CountDownLatch(1);
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                while (true) {
                  caller.send(GatewayBed.request("GET", "/", "").repeat(PER_WRITE));
                }
              } catch (IOException closed) {
                refused.set(true);
              } finally {
                over.countDown();
              }
            });

    over.await();

    assertThat(refused).isTrue();
  }
}
