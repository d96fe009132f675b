package dev.sandpool.server.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.server.ledger.Probe;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a hostile or broken sandbox may answer to a probe. */
class SocketProbeTest {
  private static final String LOOPBACK = "127.0.0.1";

  private final SocketProbe probe = new SocketProbe();
  private final AtomicReference<String> asked = new AtomicReference<>("");
  private final AtomicLong sent = new AtomicLong();
  private final CountDownLatch hungUp = new CountDownLatch(1);
  private @Nullable ServerSocket server;

  /** What a sandbox does with a connection. */
  private interface Sandbox {
    void answer(OutputStream out) throws IOException, InterruptedException;
  }

  @AfterEach
  void close() throws IOException {
    if (server != null) {
      server.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"200, true", "204, true", "302, true", "399, true", "400, false", "503, false"})
  void statusesFrom200To399Pass(int status, boolean passes) throws IOException {
    int port = serve(out -> write(out, "HTTP/1.1 " + status + " Whatever\r\n\r\n"));
    String failure = probe.failure(LOOPBACK, http(port, 5));
    if (passes) {
      assertThat(failure).isNull();
    } else {
      assertThat(failure).isEqualTo("it answered " + status);
    }
    assertThat(asked.get())
        .startsWith("GET /health?deep=1 HTTP/1.1\r\n")
        .contains("Host: app.test\r\n", "X-Probe: yes\r\n", "Connection: close\r\n");
  }

  @Test
  void anAnswerWithoutEndIsNotReadToItsEnd() throws Exception {
    int port =
        serve(
            out -> {
              write(out, "HTTP/1.1 200 OK\r\n\r\n");
              endless(out);
            });
    assertThat(probe.failure(LOOPBACK, http(port, 5))).isNull();
    hungUp.await();
    assertThat(sent.get()).as("bytes that the sandbox got rid of").isLessThan(32 << 20);
  }

  @Test
  void aFirstLineWithoutEndFails() throws Exception {
    int port = serve(this::endless);
    assertThat(probe.failure(LOOPBACK, http(port, 5))).isEqualTo("it answered, but not HTTP/1");
    hungUp.await();
  }

  @Test
  void aByteNowAndThenDoesNotStretchTheTimeout() throws Exception {
    int port =
        serve(
            out -> {
              while (true) {
                write(out, "H");
                TimeSpent.millis(100);
              }
            });
    long begin = System.nanoTime();
    assertThat(probe.failure(LOOPBACK, http(port, 1))).isEqualTo("nothing came within 1 s");
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(3));
    hungUp.await();
  }

  @Test
  void aTlsHandshakeThatNeverComesEndsInTime() throws Exception {
    int port = serve(out -> hungUp.await());
    var http = new Probe.Http(true, "/", null, List.of());
    var tls = new Probe(port, http, 3, 0, 10, 1, null);
    long begin = System.nanoTime();
    assertThat(probe.failure(LOOPBACK, tls)).isNotNull();
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(3));
  }

  @Test
  void aConnectionIsEnoughForTcp() throws Exception {
    int port = serve(out -> hungUp.await());
    assertThat(probe.failure(LOOPBACK, Probe.accepts(port, 1))).isNull();
    close();
    // A listener whose accept is under way is gone a moment later.
    await()
        .untilAsserted(
            () ->
                assertThat(probe.failure(LOOPBACK, Probe.accepts(port, 1)))
                    .startsWith("it cannot be reached"));
  }

  @Test
  void whatTheSandboxWroteIsNotRepeated() throws Exception {
    int port = serve(out -> write(out, "secret-of-the-sandbox\r\n"));
    assertThat(probe.failure(LOOPBACK, http(port, 5))).doesNotContain("secret");
  }

  private static Probe http(int port, int timeout) {
    var headers = List.of(new Probe.Header("X-Probe", "yes"));
    return new Probe(
        port,
        new Probe.Http(false, "/health?deep=1", "app.test", headers),
        3,
        0,
        10,
        timeout,
        null);
  }

  private void endless(OutputStream out) throws IOException {
    byte[] block = "x".repeat(64 << 10).getBytes(StandardCharsets.US_ASCII);
    while (true) {
      out.write(block);
      sent.addAndGet(block.length);
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  private int serve(Sandbox sandbox) throws IOException {
    ServerSocket listening = new ServerSocket(0, 10, InetAddress.ofLiteral(LOOPBACK));
    server = listening;
    Thread.ofVirtual().start(() -> accept(listening, sandbox));
    return listening.getLocalPort();
  }

  private void accept(ServerSocket listening, Sandbox sandbox) {
    try (Socket connection = listening.accept()) {
      byte[] request = new byte[4096];
      connection.setSoTimeout(200);
      read(connection.getInputStream(), request);
      sandbox.answer(connection.getOutputStream());
    } catch (IOException | InterruptedException e) {
      hungUp.countDown();
    }
  }

  private void read(InputStream in, byte[] request) {
    try {
      int length = in.read(request);
      asked.set(new String(request, 0, Math.max(0, length), StandardCharsets.US_ASCII));
    } catch (IOException e) {
      // A TCP probe sends nothing.
      asked.set("");
    }
  }

  /** A pause of the sandbox, not of the test. */
  private static final class TimeSpent {
    static void millis(long millis) throws InterruptedException {
      new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
    }
  }
}
