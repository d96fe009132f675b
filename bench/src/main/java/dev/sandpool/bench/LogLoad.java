package dev.sandpool.bench;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.MemoryLedger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.logs.LogStore;
import dev.sandpool.server.logs.Logs;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.time.Time;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What logs cost while sandboxes print much. */
final class LogLoad implements Scenario {
  static final int SANDBOXES = 50;

  /** Of each sandbox the lifecycle log says that it was made and became ready. */
  private static final int STEPS = 2;

  private static final int LINES_A_SECOND = 20_000;
  private static final int REQUESTS_A_SECOND = 500;
  static final LogStore.Bounds BOUNDS =
      new LogStore.Bounds(Duration.ofDays(365), 1L << 40, 1L << 40);

  @Override
  public String name() {
    return "logs";
  }

  @Override
  public String title() {
    return "Logs";
  }

  @Override
  public String method() {
    return """
    Fifty console files, as monitors of sandboxes write them, grow by %s lines of 120 bytes a second together; the \
    server's collector reads, stores and attributes them as it always does, only without the hop to the engine's \
    process. *Of a core* is the processor time of its thread. Meanwhile %d requests a second go through a gateway in \
    the same process to a backend; their p99 is compared with that of rounds in which the files grow as much and nobody \
    collects, in turn.\
    """
        .formatted(Figure.number(LINES_A_SECOND), REQUESTS_A_SECOND);
  }

  @Override
  public boolean onServer() {
    return false;
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    var tails = new Series();
    List<Double> cores = new ArrayList<>();
    List<Double> printed = new ArrayList<>();
    long missing = 0;
    int backend = Proxies.backend(bench).port();
    byte[] request = LocalGateway.request("known-identifier").getBytes(StandardCharsets.US_ASCII);
    try (var gateway = new LocalGateway(bench, backend, 2, 1)) {
      gateway.server().awaitReady(2);
      var caller = new PacedCaller(gateway.port(), request, 8, REQUESTS_A_SECOND, true);
      caller.run(Duration.ofSeconds(bench.pick(2, 10)));
      for (int round = -1; round < bench.pick(1, 4); round++) {
        Duration length = Duration.ofSeconds(bench.pick(3, 10));
        Path quiet = bench.folder("consoles");
        double without;
        try (var consoles = new ConsolesInFiles(quiet, sandboxes(), LINES_A_SECOND)) {
          without = caller.run(length).percentile(0.99);
        }
        Path folder = bench.folder("consoles");
        try (var consoles = new ConsolesInFiles(folder, sandboxes(), LINES_A_SECOND);
            Logs logs =
                Logs.open(
                    bench.folder("logs"),
                    BOUNDS,
                    new Logs.Sources(ledger(), consoles),
                    DataKey.of(new byte[32]),
                    Time.system())) {
          logs.start();
          long collector = threadNamed("logs");
          long before = cpu(collector);
          double with = caller.run(length).percentile(0.99);
          long lines = consoles.printed();
          double core = (double) (cpu(collector) - before) / (double) length.toNanos();
          consoles.close();
          missing += missing(logs, consoles.printed());
          if (round >= 0) {
            tails.add("collected", with);
            tails.add("not collected", without);
            cores.add(100 * core);
            printed.add((double) lines / (double) length.toSeconds());
          }
        }
      }
    }
    double ratio = tails.of("collected").median() / tails.of("not collected").median();
    return List.of(
        Figure.atMost(
            "collecting %s lines a second".formatted(Figure.number(LINES_A_SECOND)),
            Samples.of(cores).median(),
            10,
            " % of a core"),
        Figure.plain("range", Samples.of(cores).withRange() + " % of a core"),
        Figure.plain("lines that were printed a second", Samples.of(printed).withRange()),
        Figure.atMost("lines that were not stored", (double) missing, 0, ""),
        Figure.atMost("p99 of requests meanwhile, of that without", ratio, 1.2, ""),
        Figure.plain(
            "p99 with / without",
            tails.of("collected").withRange()
                + " / "
                + tails.of("not collected").withRange()
                + " ms"));
  }

  private static List<SandboxId> sandboxes() {
    List<SandboxId> ids = new ArrayList<>();
    for (int i = 0; i < SANDBOXES; i++) {
      ids.add(dev.sandpool.server.ledger.Samples.sandboxId(i));
    }
    return ids;
  }

  private static MemoryLedger ledger() {
    var ledger = new MemoryLedger();
    Instant now = Time.system().now();
    ledger.putResource(
        new ResourceRecord(
            dev.sandpool.server.ledger.Samples.ENVIRONMENT,
            "Microsoft.App/managedEnvironments",
            "{\"location\":\"local\"}",
            "bench",
            now,
            "bench",
            now));
    PoolRecord pool = dev.sandpool.server.ledger.Samples.pool(1, SANDBOXES);
    ledger.putPool(pool, dev.sandpool.server.ledger.Samples.document(pool));
    int number = 0;
    for (SandboxId id : sandboxes()) {
      ledger.recordStarting(
          new SandboxRecord(
              id,
              pool.desired().id(),
              number,
              NetworkStatus.EGRESS_DISABLED,
              1,
              8080,
              null,
              SandboxState.STARTING,
              null,
              null,
              now,
              null,
              null,
              null,
              null,
              null));
      if (!ledger.markReady(id, "10.0.0." + number, now)) {
        throw new IllegalStateException("it was starting");
      }
      number++;
    }
    return ledger;
  }

  private static long threadNamed(String name) {
    var threads = ManagementFactory.getThreadMXBean();
    return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
        .filter(it -> it != null && it.getThreadName().equals(name))
        .mapToLong(it -> it.getThreadId())
        .max()
        .orElseThrow();
  }

  private static long cpu(long thread) {
    return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread);
  }

  /** How many lines are not stored a while after the last was printed. */
  private static long missing(Logs logs, long printed) throws InterruptedException {
    long rows = printed + (long) STEPS * SANDBOXES;
    long until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (logs.counters().rows() < rows && System.nanoTime() < until) {
      Thread.sleep(100);
    }
    return rows - logs.counters().rows();
  }
}
