package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Callers who take their time, or very many of them, must not take the gateway from the others. */
class SlowCallersTest {
  private static final Duration IDLE = Duration.ofMillis(1500);
  private static final int MOST = 1000;

  /** The long form is 9,000, for each of whom this process has two descriptors. */
  private static final int SLOW = Integer.getInteger("sandpool.test.slowCallers", MOST - 10);

  private static final long BYTES_EACH = 24 << 10;

  private static final int DEAF = 40;
  private static final int DEAF_STEP = 256 << 10;
  private static final long FLOOD = 64L << 20;
  private static final long STALLED_EACH = 768 << 10;

  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = bed(IDLE, MOST);
  }

  private static GatewayBed bed(Duration idle, int connections) throws IOException {
    return bed(idle, Duration.ofMillis(1500), connections);
  }

  private static GatewayBed bed(Duration idle, Duration stream, int connections)
      throws IOException {
    var callers =
        new GatewaySettings.Callers(idle, connections, connections, connections, 600, 1000);
    return new GatewayBed(
        new GatewaySettings.Limits(
            64 * 1024, Duration.ofSeconds(30), Duration.ofSeconds(5), stream, 512, callers),
        10);
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  private static boolean isCut(RawCaller caller) {
    return caller.isCut();
  }

  @Test
  void headThatComesByteByByteIsNotWaitedFor() throws Exception {
    bed.sandbox("ok");
    RawCaller slow = bed.call();
    String head = GatewayBed.request("GET", "/?identifier=abcd", "");
    long begin = System.nanoTime();

    int[] at = {0};
    await()
        .pollInterval(Duration.ofMillis(100))
        .atMost(Duration.ofSeconds(20))
        .until(() -> !sent(slow, head.substring(at[0], ++at[0])));

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(IDLE);
    assertThat(bed.get("/?identifier=abcd").body()).isEqualTo("ok");
  }

  private static boolean sent(RawCaller caller, String text) throws IOException {
    try {
      caller.send(text);
      return caller.socket().getInputStream().available() == 0 && !caller.socket().isClosed();
    } catch (SocketException gone) {
      return false;
    }
  }

  @Test
  void connectionThatWaitsForItsAnswerIsNotIdle_andOneThatIsUsedNeither() throws Exception {
    long begin = System.nanoTime();
    bed.sandbox(
        (request, in, out) -> {
          await()
              .pollDelay(Duration.ZERO)
              .until(() -> System.nanoTime() - begin > 2 * IDLE.toNanos());
          StubSandbox.respond(out, "late");
        });
    RawCaller caller = bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", ""));

    assertThat(caller.receive().body()).isEqualTo("late");
    assertThat(caller.send(GatewayBed.request("GET", "/?identifier=abcd", "")).receive().body())
        .isEqualTo("late");
  }

  @Test
  void connectionThatIsUsedAgainAndAgainIsKeptHoweverShortItsRequestsAre() throws Exception {
    bed.sandbox("ok");
    RawCaller caller = bed.call();
    long begin = System.nanoTime();

    await()
        .pollInterval(Duration.ofMillis(50))
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              caller.send(GatewayBed.request("GET", "/?identifier=abcd", ""));
              assertThat(caller.receive().body()).isEqualTo("ok");
              return System.nanoTime() - begin > 3 * IDLE.toNanos();
            });
  }

  @Test
  void upgradedConnectionIsNotIdle() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(
              out, "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n");
          in.transferTo(out);
        });
    RawCaller caller =
        bed.call()
            .send(
                GatewayBed.request(
                    "GET", "/?identifier=abcd", "Upgrade: x\r\nConnection: Upgrade\r\n"));
    assertThat(caller.receive().status()).isEqualTo(101);
    long end = System.nanoTime() + 2 * IDLE.toNanos();

    await()
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              caller.send("x");
              assertThat(caller.in().read()).isEqualTo('x');
              return System.nanoTime() - end > 0;
            });
  }

  @Test
  void upgradedConnectionsAreCountedOutToo() throws Exception {
    bed.close();
    bed = bed(Duration.ofMinutes(1), 2);
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(
              out, "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n");
          in.transferTo(out);
        });
    String ask =
        GatewayBed.request("GET", "/?identifier=abcd", "Upgrade: x\r\nConnection: Upgrade\r\n");

    for (int i = 0; i < 6; i++) {
      await()
          .ignoreException(IOException.class)
          .untilAsserted(
              () -> {
                try (RawCaller caller = new RawCaller(bed.port())) {
                  assertThat(caller.send(ask).receive().status()).isEqualTo(101);
                }
              });
    }
  }

  @Test
  void bodyThatStopsComingIsAnswered() throws Exception {
    bed.sandbox((request, in, out) -> in.skipNBytes(1 << 30));

    RawCaller.Answer answer =
        bed.call()
            .send(GatewayBed.request("POST", "/?identifier=abcd", "Content-Length: 10\r\n"))
            .send("half")
            .receive();

    assertThat(answer.status()).isEqualTo(504);
  }

  /** Each byte would be use of its session for as long as a stream may stand still. */
  @Test
  void bodyThatDripsIsAnswered_oneWithoutLengthIsAStreamThatMay() throws Exception {
    StubSandbox sandbox =
        bed.sandbox((request, in, out) -> StubSandbox.respond(out, Bodies.read(request, in)));
    RawCaller slow =
        bed.call()
            .send(GatewayBed.request("POST", "/?identifier=abcd", "Content-Length: 100000\r\n"));
    RawCaller stream =
        bed.call()
            .send(
                GatewayBed.request("POST", "/?identifier=abcd", "Transfer-Encoding: chunked\r\n"));
    long begin = System.nanoTime();
    var all = new StringBuilder();

    await()
        .pollInterval(Duration.ofMillis(100))
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              all.append('x');
              stream.send("1\r\nx\r\n");
              return !sent(slow, "x");
            });

    RawCaller.Answer answer = slow.receive();
    assertThat(answer.status()).isEqualTo(408);
    assertThat(answer.header("x-ms-error-code")).containsExactly("RequestBodyTooSlow");
    await()
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              all.append('x');
              stream.send("1\r\nx\r\n");
              return System.nanoTime() - begin > 3 * IDLE.toNanos();
            });
    assertThat(stream.send("0\r\n\r\n").receive().body()).isEqualTo(all.toString());
    assertThat(sandbox.requests).hasSize(2);
    await()
        .untilAsserted(
            () -> assertThat(Objects.requireNonNull(bed.session("abcd")).inFlight()).isZero());
  }

  @Test
  void longTokensAndManyHeadersPass_tooManyAreRefused() throws Exception {
    bed.sandbox("ok");
    String token = "X-Token: " + "t".repeat(33 << 10) + "\r\n";
    String many = "X-A: b\r\n".repeat(900);

    assertThat(with(token).body()).isEqualTo("ok");
    assertThat(with(many).body()).isEqualTo("ok");
    assertThat(with(many + many).status()).isEqualTo(431);
    assertThat(with(token + token).status()).isEqualTo(431);
  }

  private RawCaller.Answer with(String headers) throws IOException {
    return bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", headers)).receive();
  }

  @Test
  void crowdOfSlowCallersCostsLittleEachAndGoes() throws Exception {
    bed.close();
    bed = bed(IDLE.multipliedBy(1 + SLOW / MOST), SLOW + 10);
    bed.sandbox("ok");
    assertThat(bed.get("/?identifier=abcd").body()).isEqualTo("ok");
    String head = "GET / HTTP/1.1\r\nX: " + "a".repeat(1000);
    long before = used();
    List<RawCaller> slow = new ArrayList<>();
    for (int i = 0; i < SLOW; i++) {
      slow.add(bed.call().send(head));
    }

    long begin = System.nanoTime();
    assertThat(bed.get("/?identifier=abcd").body()).isEqualTo("ok");
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
    long each = (used() - before) / SLOW;
    System.out.println("slow callers: " + SLOW + ", bytes for each: " + each);
    assertThat(each).as("bytes for each").isLessThan(BYTES_EACH);
    for (RawCaller caller : slow) {
      assertThat(isCut(caller)).isTrue();
    }
    assertThat(bed.get("/?identifier=abcd").body()).isEqualTo("ok");
  }

  /** What the virtual machine's heap holds, and Netty's buffers beside it. */
  private static long used() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed()
        + GatewayBed.bufferBytes();
  }

  /** What is on its way beyond the sockets: one piece that was read, and what waits before it. */
  @Test
  void crowdThatDoesNotReadItsAnswersCostsBoundedMemoryEach() throws Exception {
    bed.close();
    bed = bed(Duration.ofMinutes(1), Duration.ofMinutes(1), MOST);
    AtomicLong moved = new AtomicLong();
    bed.sandbox(
        (request, in, out) -> {
          byte[] block = new byte[1 << 16];
          StubSandbox.write(out, "HTTP/1.1 200 OK\r\nContent-Length: " + FLOOD + "\r\n\r\n");
          for (long sent = 0; sent < FLOOD; sent += block.length) {
            out.write(block);
            moved.addAndGet(block.length);
          }
        });
    long before = GatewayBed.bufferBytes();
    for (int i = 0; i < DEAF; i++) {
      bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", ""));
    }

    AtomicLong last = new AtomicLong();
    await()
        .pollInterval(Duration.ofMillis(500))
        .atMost(Duration.ofSeconds(60))
        .until(() -> moved.get() > DEAF && last.getAndSet(moved.get()) == moved.get());
    long each = (GatewayBed.bufferBytes() - before) / DEAF;
    System.out.println("callers who read nothing: " + DEAF + ", bytes for each: " + each);
    assertThat(each).as("bytes for each, so that the counter counts").isPositive();
    assertThat(each).as("bytes for each").isLessThan(STALLED_EACH);
  }

  /**
   * Of some the sockets hold all but the end, which their connections then waited for; of others
   * the answer stands still before that.
   */
  @Test
  void crowdThatNeverReadsItsAnswersGoes() throws Exception {
    StubSandbox sandbox =
        bed.sandbox(
            (request, in, out) -> {
              int size = Integer.parseInt(request.line().split("[/?]", 3)[1]);
              StubSandbox.write(out, "HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n");
              out.write(new byte[size]);
            });
    for (int i = 1; i <= DEAF; i++) {
      bed.call().send(GatewayBed.request("GET", "/" + i * DEAF_STEP + "?identifier=abcd", ""));
    }
    await().atMost(Duration.ofSeconds(60)).until(() -> sandbox.requests.size() == DEAF);

    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(bed.callerConnections()).isZero());
  }

  @Test
  void oneConnectionTooManyIsClosedAtOnce_andThereIsRoomWhenOthersGo() throws Exception {
    bed.close();
    bed = bed(Duration.ofMinutes(1), 3);
    bed.sandbox("ok");
    RawCaller first = bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", ""));
    assertThat(first.receive().body()).isEqualTo("ok");
    bed.call();
    bed.call();

    assertThat(bed.call().isCut()).isTrue();
    assertThat(first.send(GatewayBed.request("GET", "/?identifier=abcd", "")).receive().body())
        .isEqualTo("ok");
    first.close();

    await()
        .ignoreException(IOException.class)
        .untilAsserted(() -> assertThat(bed.get("/?identifier=abcd").body()).isEqualTo("ok"));
  }
}
