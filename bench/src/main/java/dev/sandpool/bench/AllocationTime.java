package dev.sandpool.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** How long a new identifier takes to be given a sandbox, by the server's own account. */
final class AllocationTime implements Scenario {
  private static final int BURST = 10;
  private static final int WARM_UP = 20;

  @Override
  public String name() {
    return "allocation";
  }

  @Override
  public String title() {
    return "Allocation inside the server";
  }

  @Override
  public String method() {
    return """
    The header `sandpool-allocation-time-ms` of the first request of new identifiers: from the question for a session \
    until the request's event loop goes on with the claim committed in the ledger. Real gVisor sandboxes, token seen before. *Quiet*: one at a time, each when \
    the pool has all 20 warm sandboxes again, at most five sessions live and nothing starts or stops; the first 20 of the server's life are shown \
    apart, as they load classes. *Bursts*: 10 at once, so that claims wait for each other while \
    replacements are being started.""";
  }

  @Override
  public boolean onServer() {
    return true;
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    RealServer server = bench.server();
    Samples first = quiet(bench, server, bench.pick(5, WARM_UP), "first");
    Samples quiet = quiet(bench, server, bench.pick(10, 200), "quiet");
    Samples bursts = bursts(bench, server, bench.pick(1, 10));
    return List.of(
        Figure.atMost("quiet, p50 of " + quiet.count(), quiet.median(), 1, " ms"),
        Figure.atMost("quiet, p99", quiet.percentile(0.99), 5, " ms"),
        Figure.plain("quiet, slowest", Figure.number(quiet.most()) + " ms"),
        Figure.plain(
            "first %d of a fresh server, median and range".formatted(first.count()),
            first.withRange() + " ms"),
        Figure.plain(
            "bursts of %d, p50 / p99 of %d".formatted(BURST, bursts.count()),
            "%s / %s ms"
                .formatted(
                    Figure.number(bursts.median()), Figure.number(bursts.percentile(0.99)))));
  }

  private static Samples quiet(Bench bench, RealServer server, int count, String what)
      throws IOException {
    List<Double> times = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      server.awaitQuiet();
      times.add(allocate(server, server.newIdentifier()));
      if ((i + 1) % 50 == 0) {
        bench.say("%s: %d of %d".formatted(what, i + 1, count));
      }
    }
    return Samples.of(times);
  }

  private static Samples bursts(Bench bench, RealServer server, int count)
      throws IOException, InterruptedException, ExecutionException {
    List<Double> times = new ArrayList<>();
    try (var threads = Executors.newFixedThreadPool(BURST)) {
      for (int i = 0; i < count; i++) {
        server.awaitQuiet();
        List<Callable<Double>> calls = new ArrayList<>();
        for (int caller = 0; caller < BURST; caller++) {
          String identifier = server.newIdentifier();
          calls.add(() -> allocate(server, identifier));
        }
        for (Future<Double> call : threads.invokeAll(calls)) {
          times.add(call.get());
        }
      }
    }
    bench.say("bursts: " + count + " done");
    return Samples.of(times);
  }

  private static double allocate(RealServer server, String identifier) throws IOException {
    HttpCall.Answer answer = server.request("GET", "/health", identifier).send().ok();
    String millis = answer.headers().get("sandpool-allocation-time-ms");
    return Double.parseDouble(Objects.requireNonNull(millis, "the identifier was not new"));
  }
}
