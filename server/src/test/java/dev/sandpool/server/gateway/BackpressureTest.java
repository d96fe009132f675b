package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Text blocks would hide the line ends that the tests are about. */
@SuppressWarnings("StringConcatToTextBlock")
class BackpressureTest {
  /** Socket buffers on both ways hold a few MiB; more than this would be memory of the gateway. */
  private static final long STALLED_BELOW = 48L << 20;

  private static final long FLOOD = 256L << 20;

  private GatewayBed bed;
  private final AtomicLong moved = new AtomicLong();

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  private void flood(OutputStream out) throws Exception {
    byte[] block = new byte[1 << 16];
    for (long sent = 0; sent < FLOOD; sent += block.length) {
      out.write(block);
      moved.addAndGet(block.length);
    }
    out.flush();
  }

  /** Waits until nothing has moved for a while, and says how much had. */
  private long stalled() {
    AtomicLong last = new AtomicLong(-1);
    await()
        .pollInterval(Duration.ofMillis(500))
        .atMost(Duration.ofSeconds(30))
        .until(() -> moved.get() > 0 && last.getAndSet(moved.get()) == moved.get());
    return moved.get();
  }

  @Test
  void callerThatDoesNotReadMakesTheSandboxStop() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(out, "HTTP/1.1 200 OK\r\nContent-Length: " + FLOOD + "\r\n\r\n");
          flood(out);
        });
    RawCaller caller = bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", ""));

    assertThat(stalled()).isLessThan(STALLED_BELOW);

    StubSandbox.readHead(caller.in());
    caller.in().skipNBytes(FLOOD);
    assertThat(moved).hasValue(FLOOD);
  }

  @Test
  void sandboxThatDoesNotReadMakesTheCallerStop() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    bed.sandbox(
        (request, in, out) -> {
          go.await();
          in.skipNBytes(FLOOD);
          StubSandbox.respond(out, "all");
        });
    RawCaller caller =
        bed.call()
            .send(
                GatewayBed.request(
                    "POST", "/?identifier=abcd", "Content-Length: " + FLOOD + "\r\n"));
    Thread sender =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    flood(caller.socket().getOutputStream());
                  } catch (Exception cut) {
                    moved.set(-1);
                  }
                });

    assertThat(stalled()).isLessThan(STALLED_BELOW);

    go.countDown();
    assertThat(caller.receive().body()).isEqualTo("all");
    sender.join();
    assertThat(moved).hasValue(FLOOD);
  }

  /**
   * As applications do that look at the head alone: what they have not read resets the connection.
   */
  @Test
  void sandboxThatRefusesAnUploadWithoutReadingItIsHeard() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    bed.sandbox(
        (request, in, out) -> {
          go.await();
          StubSandbox.write(
              out, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
          throw new IOException("closes");
        });
    RawCaller caller =
        bed.call()
            .send(
                GatewayBed.request(
                    "POST", "/?identifier=abcd", "Content-Length: " + FLOOD + "\r\n"));
    Thread sender =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    flood(caller.socket().getOutputStream());
                  } catch (Exception cut) {
                    moved.set(-1);
                  }
                });
    assertThat(stalled()).isLessThan(STALLED_BELOW);

    go.countDown();

    assertThat(caller.receive().status()).isEqualTo(413);
    sender.join();
    assertThat(moved).as("the rest is dropped").hasValue(FLOOD);
  }

  @Test
  void upgradedCallerThatDoesNotReadMakesTheSandboxStop() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(
              out,
              "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\n");
          flood(out);
        });
    RawCaller caller =
        bed.call()
            .send(
                GatewayBed.request(
                    "GET", "/?identifier=abcd", "Connection: Upgrade\r\nUpgrade: raw\r\n"));

    assertThat(stalled()).isLessThan(STALLED_BELOW);

    StubSandbox.readHead(caller.in());
    caller.in().skipNBytes(FLOOD);
    assertThat(moved).hasValue(FLOOD);
  }
}
