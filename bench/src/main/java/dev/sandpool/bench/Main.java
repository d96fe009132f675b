package dev.sandpool.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code ./dev bench}: measures, prints one table, and saves it where everything was measured. */
public final class Main {
  static final List<Scenario> SCENARIOS =
      List.of(
          new AllocationTime(),
          new FirstRequest(),
          new IdleCpu(),
          new NoisyNeighbours(),
          new ShowTime(),
          new KnownIdentifier(),
          new Proxied(false),
          new Proxied(true),
          new HotWay(),
          new AddedLatency(),
          new BulkTransfer(),
          new IdleWebSockets(),
          new RequestBytes(),
          new TokenLookups(),
          new KnownIdentifiers(),
          new Burst(),
          new ClaimRate(),
          new StartRate(),
          new MachineClones(),
          new ManagementPlane(),
          new ScrapeTime(),
          new LogLoad(),
          new LogSearch());

  private Main() {}

  /** Exit codes: 0 measured, whatever came out; 1 a scenario failed; 2 misuse. */
  public static void main(String[] args) {
    // What is measured in this process shall not write its log among the figures.
    System.setProperty("SANDPOOL_LOG", System.getenv().getOrDefault("SANDPOOL_LOG", "WARN"));
    int code;
    try {
      code = run(Options.parse(List.of(args), SCENARIOS.stream().map(Scenario::name).toList()));
    } catch (Options.MisuseException e) {
      System.err.println("bench: " + e.getMessage());
      code = 2;
    } catch (IOException e) {
      System.err.println("bench: " + e.getMessage());
      code = 1;
    }
    System.exit(code);
  }

  private static int run(Options options) throws IOException {
    Path root = Path.of("").toAbsolutePath();
    Path sample = Path.of(System.getProperty("sandpool.sample.archive", ""));
    if (!Files.isExecutable(root.resolve("sandpool")) || !Files.isRegularFile(sample)) {
      throw new IOException("this is started by ./dev bench");
    }
    Path file = root.resolve("docs/benchmarks.md");
    // Before anything is measured: a page that takes no figures is found half an hour earlier.
    Page page = page(file);
    var cleanup = new Cleanup();
    Runtime.getRuntime().addShutdownHook(new Thread(cleanup::close, "cleanup"));
    Map<Scenario, List<Figure>> results;
    try (cleanup) {
      results =
          measure(new Bench(options.quick(), root, sample.toAbsolutePath(), cleanup), options);
    }
    Report report = new Report(Machine.read(), results, options.quick());
    System.out.print(report.text());
    if (options.saves()) {
      Files.writeString(file, page.with(report).text());
      System.out.println("saved to docs/benchmarks.md");
    }
    return report.failed() ? 1 : 0;
  }

  private static Page page(Path file) throws IOException {
    try {
      return new Page(Files.readString(file));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static Map<Scenario, List<Figure>> measure(Bench bench, Options options) {
    Map<Scenario, List<Figure>> results = new LinkedHashMap<>();
    for (Scenario scenario : SCENARIOS) {
      if (options.selects(scenario.name())) {
        results.put(scenario, measure(bench, scenario));
      }
    }
    return results;
  }

  /** A scenario that fails is a line of the table: the others are worth having. */
  private static List<Figure> measure(Bench bench, Scenario scenario) {
    long begin = System.nanoTime();
    bench.say(scenario.title());
    if (!scenario.onServer()) {
      bench.endServer();
    }
    int mark = bench.cleanup().mark();
    List<Figure> figures = new ArrayList<>();
    try {
      figures.addAll(scenario.run(bench));
      figures.forEach(
          figure ->
              bench.say(
                  "  %s: %s %s".formatted(figure.name(), figure.value(), figure.verdict().word())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      e.printStackTrace(System.err);
      figures.add(new Figure("failed", String.valueOf(e), "", Figure.Verdict.FAILED));
    } finally {
      if (!scenario.onServer()) {
        bench.cleanup().closeUntil(mark);
      }
    }
    bench.say("  %.0f s".formatted((System.nanoTime() - begin) / 1e9));
    return figures;
  }
}
