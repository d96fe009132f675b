package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.server.role.BuiltInRole;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A connection is closed before those who have requests on it are told so. A request whose token
 * turns out good in between must not be counted for good.
 */
class LeftWhileExaminedTest {
  private static final String GOOD = GatewayBed.tokenOf(BuiltInRole.SESSION_EXECUTOR);

  private final Map<String, Thread> loops = new ConcurrentHashMap<>();
  private final Map<String, Thread> examiners = new ConcurrentHashMap<>();
  private final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();
  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
    bed.options(
        new PoolRoute.Options(
            null, false, false, null, new PoolBounds(false, 0, 0, 1, 9), BrowserRules.DEFAULT));
    bed.tokens.onKnown = token -> meet(loops, token, "loop ");
    bed.tokens.onVerify = token -> meet(examiners, token, "verify ");
  }

  @AfterEach
  void close() throws Exception {
    held.values().forEach(CountDownLatch::countDown);
    bed.close();
  }

  private void meet(Map<String, Thread> met, String token, String where) {
    met.put(token, Thread.currentThread());
    CountDownLatch until = held.get(where + token);
    try {
      assertThat(until == null || until.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private CountDownLatch hold(String what) {
    var until = new CountDownLatch(1);
    held.put(what, until);
    return until;
  }

  private static void ask(RawCaller caller, String token) throws IOException {
    caller.send(
        GatewayBed.request("GET", "/?identifier=abcd", "").replace(GatewayBed.TOKEN, token));
  }

  /** Of five connections to two event loops, three of one loop. */
  private List<RawCaller> threeOfOneLoop() throws IOException {
    Map<Thread, List<RawCaller>> byLoop = new HashMap<>();
    for (int i = 0; i < 5; i++) {
      RawCaller caller = bed.call();
      ask(caller, "bad-" + i);
      assertThat(caller.receive().status()).isEqualTo(401);
      Thread loop = Objects.requireNonNull(loops.get("bad-" + i));
      byLoop.computeIfAbsent(loop, key -> new ArrayList<>()).add(caller);
    }
    return byLoop.values().stream().filter(some -> some.size() >= 3).findFirst().orElseThrow();
  }

  private double value(String meter) throws IOException {
    var text = new ByteArrayOutputStream();
    bed.metrics.write(text, bed.metrics.writer(null));
    return text.toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith(meter + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /**
   * The loop finds a request of a second caller and the end of the first at once, and while it has
   * the second's the first's token turns out good.
   */
  @Test
  void tokenThatTurnsOutGoodAfterItsConnectionHasClosed_leavesNothingCounted() throws Exception {
    bed.sandbox("ok");
    bed.get("/?identifier=abcd");
    await().untilAsserted(() -> assertThat(value("sandpool_requests_in_flight")).isZero());
    List<RawCaller> callers = threeOfOneLoop();
    RawCaller leaving = callers.get(0);
    CountDownLatch examined = hold("verify " + GOOD);
    CountDownLatch first = hold("loop bad-first");
    CountDownLatch second = hold("loop bad-second");
    ask(leaving, GOOD);
    await().until(() -> examiners.containsKey(GOOD));

    ask(callers.get(1), "bad-first");
    await().until(() -> loops.containsKey("bad-first"));
    ask(callers.get(2), "bad-second");
    leaving.close();
    first.countDown();
    await().until(() -> loops.containsKey("bad-second"));
    examined.countDown();
    Thread examiner = Objects.requireNonNull(examiners.get(GOOD));
    await().until(() -> !examiner.isAlive());
    second.countDown();
    assertThat(callers.get(2).receive().status()).as("answered after both").isEqualTo(401);

    // Awaited for the case that the kernel told the end later, and all was in its usual order.
    await()
        .untilAsserted(
            () -> {
              assertThat(value("sandpool_caller_connections")).as("the first of all").isEqualTo(1);
              assertThat(value("sandpool_requests_in_flight")).isZero();
            });
    assertThat(bed.get("/?identifier=abcd").status()).as("one at a time may").isEqualTo(200);
  }
}
