package dev.sandpool.bench;

import dev.sandpool.bench.Proxies.Proxy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * {@code ./dev soak --only load}: the gateway at half of what it can take, for long. Memory,
 * descriptors and latency of the last third of the time must be those of the third before it.
 */
public final class LoadSoak {
  private static final int CONNECTIONS = 32;
  private static final int SLICES = 30;
  private static final String TARGET = ProxyServer.BASE + "/1k?identifier=bench-000001";

  /** Collections come when they come. */
  private static final double MEMORY_SLACK = 1.1;

  /** The machine may have other things to do. */
  private static final double LATENCY_SLACK = 1.5;

  private static final int DESCRIPTORS_SLACK = 8;

  /** What was seen in one slice of the time. */
  private record Slice(double residentMb, double descriptors, double millis) {}

  private LoadSoak() {}

  /**
   * Exit codes: 0 flat, 1 not, or it failed.
   *
   * @param args seconds that it takes
   */
  public static void main(String[] args) throws Exception {
    System.setProperty("SANDPOOL_LOG", System.getenv().getOrDefault("SANDPOOL_LOG", "WARN"));
    long seconds = Math.max(SLICES, Long.parseLong(args[0]));
    boolean flat;
    try (var cleanup = new Cleanup()) {
      Runtime.getRuntime().addShutdownHook(new Thread(cleanup::close, "cleanup"));
      Path root = Path.of("").toAbsolutePath();
      flat = run(new Bench(false, root, root, cleanup), seconds);
    }
    System.exit(flat ? 0 : 1);
  }

  private static boolean run(Bench bench, long seconds) throws IOException {
    Path folder = bench.folder("soak");
    Proxy backend = Proxies.fileBackend(bench, Map.of("1k", 1024));
    var peers = new SessionPeers(bench, folder, backend.port(), false);
    Proxy sandpool = peers.sandpool();
    String token = Files.readString(folder.resolve("token"));
    Wrk wrk = Wrk.asking(folder, "soak", token, List.of(TARGET));
    wrk.round(sandpool, 30);
    int half = (int) (wrk.round(sandpool, 5).perSecond() / 2);
    bench.say("load: %d requests a second for %d s".formatted(half, seconds));
    byte[] request =
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n\r\n"
            .formatted(TARGET, token)
            .getBytes(StandardCharsets.US_ASCII);
    var caller = new PacedCaller(sandpool.port(), request, CONNECTIONS, half, true);
    List<Slice> slices = new ArrayList<>();
    for (int i = 0; i < SLICES; i++) {
      Samples millis = caller.run(Duration.ofMillis(1000 * seconds / SLICES));
      long pid = sandpool.process().pid();
      Slice slice = new Slice(Memory.resident(pid), descriptors(pid), millis.median());
      slices.add(slice);
      bench.say(
          "load %d of %d: %.0f MB, %.0f descriptors, p50 %.2f ms, p99 %.2f ms"
              .formatted(
                  i + 1,
                  SLICES,
                  slice.residentMb(),
                  slice.descriptors(),
                  slice.millis(),
                  millis.percentile(0.99)));
    }
    return flat(bench, mean(slices, SLICES / 3), mean(slices, 2 * SLICES / 3));
  }

  private static double descriptors(long pid) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      return open.count();
    }
  }

  /** Of the third that begins there. */
  private static Slice mean(List<Slice> slices, int from) {
    List<Slice> third = slices.subList(from, from + SLICES / 3);
    return new Slice(
        third.stream().mapToDouble(Slice::residentMb).average().orElseThrow(),
        third.stream().mapToDouble(Slice::descriptors).average().orElseThrow(),
        Samples.of(third.stream().map(Slice::millis).toList()).median());
  }

  private static boolean flat(Bench bench, Slice before, Slice after) {
    boolean memory = after.residentMb() <= before.residentMb() * MEMORY_SLACK;
    boolean descriptors = after.descriptors() <= before.descriptors() + DESCRIPTORS_SLACK;
    boolean latency = after.millis() <= before.millis() * LATENCY_SLACK;
    bench.say("load, second third: " + before);
    bench.say("load, last third:   " + after);
    bench.say(
        "load: memory %s, descriptors %s, latency %s"
            .formatted(word(memory), word(descriptors), word(latency)));
    return memory && descriptors && latency;
  }

  private static String word(boolean flat) {
    return flat ? "flat" : "NOT FLAT";
  }
}
