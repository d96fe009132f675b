package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.server.gateway.HostileAnswers.Row;
import dev.sandpool.server.gateway.HostileAnswers.Seen;
import dev.sandpool.server.session.SessionEntry;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A sandbox is a hostile HTTP server too: whatever it answers harms neither its caller's other
 * requests, those on the same connection included, nor another session (G10).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("StringConcatToTextBlock")
class HostileSandboxTest {
  private static final int ATTACKS = HostileAnswers.all().size();

  private GatewayBed bed;
  private RawCaller stream;
  private final BlockingQueue<String> words = new ArrayBlockingQueue<>(10);
  private int attackers;

  @BeforeAll
  void open() throws Exception {
    bed = new GatewayBed(Duration.ofSeconds(30), Duration.ofMillis(800), ATTACKS + 2);
    bed.sandbox("bystander");
    assertThat(bed.get("/?identifier=bystander").body()).isEqualTo("bystander");
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
          while (true) {
            // As a stream does that has nothing to say for a while.
            String word = words.poll(100, java.util.concurrent.TimeUnit.MILLISECONDS);
            StubSandbox.write(out, "1\r\n" + (word == null ? "." : word) + "\r\n");
          }
        });
    stream = bed.call().send(GatewayBed.request("GET", "/?identifier=streaming", ""));
    StubSandbox.readHead(stream.in());
  }

  @AfterAll
  void close() throws Exception {
    bed.close();
  }

  static List<Row> all() {
    return HostileAnswers.all();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("all")
  void harmsNobodyElse(Row row) throws Exception {
    String identifier = "attacker-" + ++attackers;
    bed.sandbox((request, in, out) -> row.attack().send(in, out));
    String headers = row.method().equals("POST") ? "Content-Length: 1000\r\n" : "";
    RawCaller caller =
        bed.call()
            .send(GatewayBed.request(row.method(), "/?identifier=" + identifier, headers))
            .send(row.method().equals("POST") ? "half" : "");

    RawCaller.@Nullable Answer answer = answer(caller, row);

    Seen seen = seen(answer, row);
    assertThat(row.seen() == Seen.CUT && seen == Seen.REFUSED ? Seen.CUT : seen)
        .isEqualTo(row.seen());
    assertThat(String.valueOf(answer)).doesNotContain(HostileAnswers.POISON);
    if (row.method().equals("POST")) {
      caller.send("x".repeat(996));
    }
    assertBystandersAreWell(caller);
    SessionEntry<SandboxConnections> session = Objects.requireNonNull(bed.session(identifier));
    await().untilAsserted(() -> assertThat(session.inFlight()).isZero());
  }

  /** Null if it was cut. */
  private static RawCaller.@Nullable Answer answer(RawCaller caller, Row row) throws IOException {
    RawCaller.Answer answer;
    try {
      do {
        answer = caller.receive(row.method().equals("HEAD"));
      } while (answer.status() < 200);
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException cutWithinChunks) {
      return null;
    }
    List<String> length = answer.header("Content-Length");
    boolean bodyless = row.method().equals("HEAD") || answer.status() == 304;
    boolean cut =
        !bodyless
            && !length.isEmpty()
            && answer.body().length() < Integer.parseInt(length.getFirst());
    return cut ? null : answer;
  }

  /** Null stands for an answer that was cut. */
  private static Seen seen(RawCaller.@Nullable Answer answer, Row row) {
    if (answer == null) {
      return Seen.CUT;
    }
    List<String> code = answer.header("x-ms-error-code");
    if (!code.isEmpty()) {
      return switch (code.getFirst()) {
        case "InvalidSandboxResponse" -> Seen.REFUSED;
        case "SandboxClosedConnection" -> Seen.ENDED;
        case "SandboxTimeout" -> Seen.TIMEOUT;
        default -> throw new AssertionError(answer.toString());
      };
    }
    boolean bodyless = row.method().equals("HEAD") || answer.status() > 200;
    assertThat(answer.body()).isEqualTo(bodyless ? "" : "mild");
    assertThat(answer.trailers()).isEmpty();
    return Seen.MILD;
  }

  private void assertBystandersAreWell(RawCaller caller) throws Exception {
    assertThat(bed.get("/?identifier=bystander").body()).isEqualTo("bystander");
    sameConnection(caller);
    words.put("!");
    String heard = stream.readChunk();
    while (heard.equals(".")) {
      heard = stream.readChunk();
    }
    assertThat(heard).isEqualTo("!");
  }

  /** It may have been closed; what must not be is another answer than the bystander's. */
  private static void sameConnection(RawCaller caller) {
    RawCaller.Answer next;
    try {
      caller.send(GatewayBed.request("GET", "/?identifier=bystander", ""));
      next = caller.receive();
    } catch (IOException closed) {
      return;
    }
    assertThat(next.body()).isEqualTo("bystander");
  }
}
