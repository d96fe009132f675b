package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Spoiled answers of a sandbox by the thousand: its caller reads a whole answer or sees a cut, and
 * what follows on its connection is the answer of whom it asks next. {@code
 * -Dsandpool.fuzz.answers} and {@code -Dsandpool.fuzz.seed} repeat or lengthen it.
 */
@SuppressWarnings("StringConcatToTextBlock") // The line ends are what they are about.
class FuzzedAnswersTest {
  private static final String POISONED =
      "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nX: y\r\n\r\npoison";

  private static final List<String> ANSWERS =
      List.of(
          "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmild",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nmild\r\n0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n"
              + "2\r\nmi\r\n2;x=y\r\nld\r\n0\r\nX-T: last\r\n\r\n",
          "HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n",
          "HTTP/1.1 304 Not Modified\r\nContent-Length: 400\r\nETag: \"x\"\r\n\r\n",
          "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
              + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmild",
          "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\nmild",
          "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nmild",
          "HTTP/1.1 500 Oh\r\nContent-Length: 60\r\nSet-Cookie: a=b\r\n\r\n" + POISONED);

  private static final List<String> PIECES =
      List.of(
          "\r\n",
          "\n",
          "\r",
          "\0",
          " ",
          ":",
          "0",
          "Content-Length: 60\r\n",
          "Content-Length: 0\r\n",
          "Transfer-Encoding: chunked\r\n",
          "Transfer-Encoding: identity\r\n",
          "Connection: Upgrade\r\n",
          " folded\r\n",
          "0\r\n\r\n",
          "HTTP/1.1 100 Continue\r\n\r\n",
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
          POISONED);

  private final int cases = Integer.getInteger("sandpool.fuzz.answers", 1_500);
  private final long seed = Long.getLong("sandpool.fuzz.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final AtomicReference<byte[]> next = new AtomicReference<>(bytes(ANSWERS.getFirst()));
  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed(Duration.ofMillis(1));
    bed.sandbox("bystander");
    assertThat(bed.get("/?identifier=bystander").body()).isEqualTo("bystander");
    bed.sandbox(
        (request, in, out) -> {
          out.write(next.get());
          out.flush();
          throw new IOException("the sandbox leaves");
        });
    assertThat(bed.get("/?identifier=attacker").body()).isEqualTo("mild");
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private byte[] spoiled() {
    byte[] answer = bytes(ANSWERS.get(random.nextInt(ANSWERS.size())));
    for (int i = 1 + random.nextInt(3); i > 0 && answer.length > 0; i--) {
      int at = random.nextInt(answer.length);
      int end = Math.min(answer.length, at + 1 + random.nextInt(8));
      byte[] before = Arrays.copyOf(answer, at);
      byte[] piece = Arrays.copyOfRange(answer, at, end);
      byte[] after = Arrays.copyOfRange(answer, end, answer.length);
      byte[] planted = bytes(PIECES.get(random.nextInt(PIECES.size())));
      answer =
          switch (random.nextInt(5)) {
            case 0 -> join(before, after);
            case 1 -> join(before, piece, piece, after);
            case 2 -> join(before, new byte[] {(byte) random.nextInt(256)}, after);
            case 3 -> before;
            default -> join(before, planted, piece, after);
          };
    }
    return answer;
  }

  private static byte[] join(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  @Test
  void callerReadsAnAnswerOrACut_andWhatFollowsIsOfWhomItAsksNext() throws Exception {
    System.out.printf("fuzzed answers: %d cases, seed %d%n", cases, seed);
    int whole = 0;
    int refused = 0;
    for (int i = 0; i < cases; i++) {
      byte[] answer = spoiled();
      String about =
          "case %d, seed %d: %s"
              .formatted(i, seed, new String(answer, StandardCharsets.ISO_8859_1));
      next.set(answer);
      try (var caller = new RawCaller(bed.port())) {
        caller.send(GatewayBed.request("GET", "/?identifier=attacker", ""));
        RawCaller.@Nullable Answer seen = seen(caller);
        if (seen == null) {
          refused++;
        } else {
          assertThat(seen.head().subList(1, seen.head().size()))
              .as(about)
              .allMatch(
                  line -> line.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\\x00-\\x08\\x0a-\\x1f]*"));
          assertThat(seen.status()).as(about).isNotEqualTo(101);
          refused += seen.status() == 502 ? 1 : 0;
          whole += seen.status() == 502 ? 0 : 1;
          assertThat(following(caller)).as(about).isIn("bystander", "closed");
        }
      }
    }
    // A generator whose answers all pass, or all fail, would find nothing.
    assertThat(whole).as("whole, seed %d", seed).isGreaterThan(cases / 10);
    assertThat(refused).as("refused, seed %d", seed).isGreaterThan(cases / 10);
    await().until(() -> Objects.requireNonNull(bed.session("attacker")).inFlight() == 0);
    assertThat(bed.get("/?identifier=bystander").body()).isEqualTo("bystander");
  }

  /** Null if it was cut. */
  private static RawCaller.@Nullable Answer seen(RawCaller caller) {
    try {
      RawCaller.Answer answer = caller.receive();
      while (answer.status() < 200) {
        answer = caller.receive();
      }
      List<String> length = answer.header("Content-Length");
      boolean bodyless = answer.status() == 204 || answer.status() == 304;
      boolean isCut =
          !bodyless
              && !length.isEmpty()
              && answer.body().length() < Long.parseLong(length.getFirst());
      return isCut ? null : answer;
    } catch (IOException | NumberFormatException cut) {
      return null;
    }
  }

  private static String following(RawCaller caller) {
    try {
      return caller.send(GatewayBed.request("GET", "/?identifier=bystander", "")).receive().body();
    } catch (IOException closed) {
      return "closed";
    }
  }
}
