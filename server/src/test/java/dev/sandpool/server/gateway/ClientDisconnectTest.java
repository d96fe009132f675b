package dev.sandpool.server.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClientDisconnectTest {
  private GatewayBed bed;
  private final CountDownLatch cut = new CountDownLatch(1);

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  private void assertSandboxIsLeft() throws Exception {
    assertThat(cut.await(20, TimeUnit.SECONDS)).isTrue();
    await()
        .untilAsserted(
            () -> assertThat(Objects.requireNonNull(bed.session("abcd")).inFlight()).isZero());
  }

  @Test
  void callerThatLeavesBeforeTheAnswerEndsTheSandboxsRequest() throws Exception {
    StubSandbox sandbox =
        bed.sandbox(
            (request, in, out) -> {
              assertThat(in.read()).isNegative();
              cut.countDown();
            });
    RawCaller caller = bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", ""));
    await().until(() -> !sandbox.requests.isEmpty());
    assertThat(Objects.requireNonNull(bed.session("abcd")).inFlight()).isEqualTo(1);

    caller.close();

    assertSandboxIsLeft();
  }

  @Test
  void callerThatLeavesInTheAnswerEndsTheSandboxsStream() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n");
          try {
            while (true) {
              StubSandbox.write(out, "x".repeat(65536));
            }
          } finally {
            cut.countDown();
          }
        });
    RawCaller caller = bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", ""));
    caller.in().readNBytes(100_000);

    caller.close();

    assertSandboxIsLeft();
  }

  @Test
  void answersThatNobodyReadsToTheirEndsLeaveNoMemoryBehind() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n");
          while (true) {
            StubSandbox.write(out, "x".repeat(65536));
          }
        });
    leaveInTheAnswer();
    long before = GatewayBed.bufferBytes();

    for (int i = 0; i < 60; i++) {
      leaveInTheAnswer();
    }

    // More than 18 MB have passed.
    assertThat(GatewayBed.bufferBytes()).isLessThan(before + 9_000_000);
  }

  private void leaveInTheAnswer() throws Exception {
    try (RawCaller caller = bed.call()) {
      caller.send(GatewayBed.request("GET", "/?identifier=abcd", ""));
      caller.in().readNBytes(300_000);
    }
    await()
        .untilAsserted(
            () -> assertThat(Objects.requireNonNull(bed.session("abcd")).inFlight()).isZero());
  }

  @Test
  void callerThatLeavesWhileBodiesGoBothWaysEndsBoth() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
          String size = StubSandbox.readLine(in);
          while (size != null) {
            String said = new String(in.readNBytes(Integer.parseInt(size, 16)), US_ASCII);
            StubSandbox.readLine(in);
            StubSandbox.write(out, "4\r\n" + said + "\r\n");
            size = StubSandbox.readLine(in);
          }
          cut.countDown();
        });
    RawCaller caller =
        bed.call()
            .send(
                GatewayBed.request("POST", "/?identifier=abcd", "Transfer-Encoding: chunked\r\n"));
    StubSandbox.readHead(caller.in());
    for (String said : List.of("one.", "two.", "more")) {
      caller.send("4\r\n" + said + "\r\n");
      assertThat(caller.readChunk()).as("while its request goes on").isEqualTo(said);
    }

    caller.close();

    assertSandboxIsLeft();
  }

  /** Its connection is not read then, so it must be heard of otherwise. */
  @Test
  void callerThatIsGoneWhileItsUploadIsHeldUpEndsTheSandboxsRequest() throws Exception {
    var go = new CountDownLatch(1);
    bed.sandbox(
        (request, in, out) -> {
          assertThat(go.await(60, TimeUnit.SECONDS)).isTrue();
          try {
            in.transferTo(OutputStream.nullOutputStream());
          } finally {
            cut.countDown();
          }
        });
    RawCaller caller =
        bed.call()
            .send(
                GatewayBed.request("POST", "/?identifier=abcd", "Content-Length: 9000000000\r\n"));
    var sent = new AtomicLong();
    Thread sender =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    while (true) {
                      caller.send("x".repeat(65536));
                      sent.incrementAndGet();
                    }
                  } catch (IOException gone) {
                    // That is what is tried.
                  }
                });
    var before = new AtomicLong();
    await()
        .pollInterval(Duration.ofMillis(500))
        .until(() -> sent.get() > 0 && before.getAndSet(sent.get()) == sent.get());

    caller.socket().setSoLinger(true, 0);
    caller.close();
    sender.join();

    await()
        .untilAsserted(
            () -> assertThat(Objects.requireNonNull(bed.session("abcd")).inFlight()).isZero());
    go.countDown();
    assertSandboxIsLeft();
  }

  @Test
  void callerThatLeavesInItsUploadEndsTheSandboxsRequest() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          in.readNBytes(4);
          assertThat(in.read()).isNegative();
          cut.countDown();
        });
    RawCaller caller =
        bed.call()
            .send(GatewayBed.request("POST", "/?identifier=abcd", "Content-Length: 10\r\n"))
            .send("some");
    await().until(() -> bed.session("abcd") != null);

    caller.close();

    assertSandboxIsLeft();
  }
}
