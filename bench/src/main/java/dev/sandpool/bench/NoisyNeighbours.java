package dev.sandpool.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What sessions notice of others on the same host that take whatever they can. */
final class NoisyNeighbours implements Scenario {
  private static final int SESSIONS = 10;
  private static final int PER_SECOND = 500;

  /** Until the JVM has compiled what a connection costs, as in a server that is not young. */
  private static final int STRANGERS = 12_000;

  private static final String PATH = "/bytes?size=1024";

  @Override
  public String name() {
    return "noisy";
  }

  @Override
  public String title() {
    return "Next to sandboxes that take what they can";
  }

  @Override
  public String method() {
    return """
    500 requests a second for 60 s, spread over ten sessions of the pool (0.25 processors each), for an answer of 1 KiB \
    of the sample application; sent at fixed times whether or not earlier ones are answered, and timed from when they \
    were due. Before, the server has answered requests for 20 s and 12,000 on connections of their own. In turn without and with five more sessions of the same pool, there before, that do nothing but harm, again as soon as \
    their sandbox has been replaced: a fork bomb, a memory hog, one that fills its disk, empties it and fills it again, \
    one that floods its log, and one whose caller holds as many connections open as it gets. Medians of the rounds.\
    """;
  }

  @Override
  public boolean onServer() {
    return true;
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    RealServer server = bench.server();
    List<HttpCall> calls = new ArrayList<>();
    for (int i = 0; i < SESSIONS; i++) {
      HttpCall call = server.request("GET", PATH, server.newIdentifier());
      call.send().ok();
      calls.add(call);
    }
    server.awaitWarm();
    var load = new SteadyLoad(calls, PER_SECOND);
    var half = new Series();
    var slow = new Series();
    load.run(Duration.ofSeconds(bench.pick(3, 20)));
    for (int i = 0; i < bench.pick(1000, STRANGERS); i++) {
      calls.get(i % SESSIONS).send().ok();
    }
    int rounds = bench.pick(1, 3);
    for (int i = 0; i < rounds; i++) {
      round(bench, server, load, half, slow, "quiet", i, rounds);
      try (var offenders = Offenders.letLoose(server)) {
        round(bench, server, load, half, slow, "noisy", i, rounds);
        bench.say("  " + offenders);
      }
      server.awaitWarm();
    }
    return List.of(
        Figure.atMost(
            "p99, of the quiet one's",
            slow.of("noisy").median() / slow.of("quiet").median(),
            1.5,
            ""),
        Figure.plain("p99 quiet, ms", slow.of("quiet").withRange()),
        Figure.plain("p99 noisy, ms", slow.of("noisy").withRange()),
        Figure.plain("p50 quiet, ms", half.of("quiet").withRange()),
        Figure.plain("p50 noisy, ms", half.of("noisy").withRange()));
  }

  private static void round(
      Bench bench,
      RealServer server,
      SteadyLoad load,
      Series half,
      Series slow,
      String name,
      int round,
      int rounds)
      throws Exception {
    double before = Cpu.seconds(server.pids());
    Samples samples = load.run(Duration.ofSeconds(bench.pick(5, 60)));
    half.add(name, samples.median());
    slow.add(name, samples.percentile(0.99));
    bench.say(
        "round %d of %d, %s: p50 %s ms, p99 %s ms of %d, server %.1f s of processor time"
            .formatted(
                round + 1,
                rounds,
                name,
                Figure.number(samples.median()),
                Figure.number(samples.percentile(0.99)),
                samples.count(),
                Cpu.seconds(server.pids()) - before));
  }
}
