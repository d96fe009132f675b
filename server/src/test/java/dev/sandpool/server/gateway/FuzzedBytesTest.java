package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Spoiled requests by the thousand from many connections at once, while one caller beside them
 * behaves. {@code -Dsandpool.fuzz.cases} and {@code -Dsandpool.fuzz.seed} repeat or lengthen it.
 */
class FuzzedBytesTest {
  private static final int CALLERS = 8;
  private static final int LANES = 32;
  private static final int BATCH = 20_000;
  private static final long LEAST_PATIENCE = 50;
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final String VICTIM = "nobody-knows-this-name";
  private static final Pattern LINE = Pattern.compile("\"request\":\"([0-9a-f-]{36})\"");

  /** Not those of a full pool (503) and of a version that is none (501). */
  private static final Pattern FAILURE = Pattern.compile("HTTP/1\\.1 50[0245-9] ");

  private final long cases = Long.getLong("sandpool.fuzz.cases", 4_000);
  private final long seed = Long.getLong("sandpool.fuzz.seed", System.nanoTime());
  private final AtomicLong answered = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();

  /** How long the well-behaved caller just waited, in milliseconds: others may have to as well. */
  private volatile long waited = 200;

  @TempDir private Path folder;

  @Test
  void nothingIsSmuggledNothingLeaksAndOthersAreServed() throws Exception {
    System.out.printf("fuzzed bytes: %d cases, seed %d%n", cases, seed);
    long descriptors = 0;
    for (long first = 0; first < cases; first += BATCH) {
      batch(first, Math.min(cases, first + BATCH));
      long open = descriptors();
      if (descriptors == 0) {
        descriptors = open;
      }
      assertThat(open).as("descriptors, seed %d", seed).isLessThan(descriptors + LANES);
      System.out.printf(
          "fuzz: %d of %d cases, %d answered, %d refused, %d descriptors%n",
          Math.min(cases, first + BATCH), cases, answered.get(), refused.get(), open);
    }
    // A generator whose requests all pass, or all fail, would find nothing.
    assertThat(answered.get()).as("answered, seed %d", seed).isGreaterThan(cases / 10);
    assertThat(refused.get()).as("refused, seed %d", seed).isGreaterThan(cases / 10);
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }

  private void batch(long from, long to) throws Exception {
    Path file = folder.resolve("access-" + from + ".log");
    var limits =
        new GatewaySettings.Limits(
            64 * 1024, Duration.ofMillis(100), Duration.ofSeconds(5), Duration.ofMinutes(4), 512);
    List<StrictSandbox> sandboxes = new ArrayList<>();
    try (var log = new AccessLog(file, name -> name);
        var bed = new GatewayBed(limits, CALLERS + 1, null, log, TrustedProxies.NONE)) {
      for (int i = 0; i <= CALLERS; i++) {
        sandboxes.add(claim(bed, name(i)));
      }
      attack(bed, from, to);
      for (int i = 0; i <= CALLERS; i++) {
        String name = name(i);
        await("requests of " + name)
            .atMost(DEADLINE)
            .until(() -> Objects.requireNonNull(bed.session(name)).inFlight() == 0);
      }
    } finally {
      for (StrictSandbox sandbox : sandboxes) {
        sandbox.close();
      }
    }
    judge(sandboxes, file);
    Files.delete(file);
  }

  private static String name(int caller) {
    return caller == CALLERS ? VICTIM : "caller-number-" + caller;
  }

  private static StrictSandbox claim(GatewayBed bed, String identifier) throws IOException {
    var sandbox = new StrictSandbox();
    bed.ready(sandbox.port());
    assertThat(bed.get("/first?identifier=" + identifier).status()).isEqualTo(200);
    return sandbox;
  }

  private void attack(GatewayBed bed, long from, long to) throws Exception {
    var next = new AtomicLong(from);
    var over = new AtomicBoolean();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> victim = threads.submit(() -> behave(bed, over));
      List<Future<?>> lanes = new ArrayList<>();
      for (int i = 0; i < LANES; i++) {
        lanes.add(
            threads.submit(
                () -> {
                  for (long n = next.getAndIncrement(); n < to; n = next.getAndIncrement()) {
                    send(bed.port(), n);
                  }
                  return null;
                }));
      }
      try {
        for (Future<?> lane : lanes) {
          lane.get();
        }
      } finally {
        over.set(true);
      }
      victim.get();
    }
  }

  /** Each answer of a kept connection is the one to its own request, whatever others send. */
  private Void behave(GatewayBed bed, AtomicBoolean over) throws IOException {
    try (var caller = new RawCaller(bed.port())) {
      for (int i = 0; !over.get(); i++) {
        String target = "/v" + i + "?identifier=" + VICTIM;
        long begin = System.nanoTime();
        RawCaller.Answer answer = caller.send(GatewayBed.request("GET", target, "")).receive();
        long took = (System.nanoTime() - begin) / 1_000_000;
        waited = Math.max(took, waited - waited / 64);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(target);
      }
    }
    return null;
  }

  private void send(int port, long number) throws IOException {
    var mutations = new HttpMutations(seed, number, name((int) (number % CALLERS)));
    byte[] bytes = mutations.connection();
    int cut = mutations.cut(bytes.length);
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(Math.toIntExact(LEAST_PATIENCE + 4 * waited));
      socket.getOutputStream().write(bytes, 0, cut);
      socket.getOutputStream().write(bytes, cut, bytes.length - cut);
      note(number, answers(socket));
    } catch (IOException reset) {
      // Refused with bytes of ours unread.
      refused.incrementAndGet();
    }
  }

  /** What came until the end, or until nothing more does: a body may be waited for. */
  private static String answers(Socket socket) throws IOException {
    var text = new StringBuilder();
    byte[] buffer = new byte[16_384];
    try {
      for (int n = socket.getInputStream().read(buffer);
          n >= 0;
          n = socket.getInputStream().read(buffer)) {
        text.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
      }
    } catch (SocketTimeoutException waiting) {
      // That is an answer as well.
    }
    return text.toString();
  }

  private void note(long number, String answers) {
    if (answers.contains("HTTP/1.1 200 ")) {
      answered.incrementAndGet();
    }
    if (answers.contains("HTTP/1.1 4")) {
      refused.incrementAndGet();
    }
    if (FAILURE.matcher(answers).find()) {
      wrong.add("case " + number + " was answered: " + answers);
    }
  }

  private void judge(List<StrictSandbox> sandboxes, Path log) throws IOException {
    for (StrictSandbox sandbox : sandboxes) {
      assertThat(sandbox.faults).as("faults, seed %d", seed).isEmpty();
    }
    assertThat(wrong).as("seed %d", seed).isEmpty();
    Map<String, Integer> accepted = new HashMap<>();
    try (Stream<String> lines = Files.lines(log)) {
      lines
          .filter(line -> line.contains("\"session\":"))
          .map(LINE::matcher)
          .filter(Matcher::find)
          .forEach(line -> accepted.merge(line.group(1), 1, Integer::sum));
    }
    assertThat(accepted.values()).as("seed %d", seed).isNotEmpty().containsOnly(1);
    Set<String> arrived = new HashSet<>();
    for (int i = 0; i <= CALLERS; i++) {
      StrictSandbox sandbox = sandboxes.get(i);
      for (StrictSandbox.Seen request : sandbox.seen) {
        assertThat(request.target())
            .as("seed %d", seed)
            .doesNotStartWith(HttpMutations.SMUGGLED)
            .contains("=" + name(i));
        assertThat(arrived.add(request.id())).as("%s twice, seed %d", request, seed).isTrue();
        assertThat(accepted).as("%s, seed %d", request, seed).containsKey(request.id());
      }
    }
  }
}
