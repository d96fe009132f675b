package dev.sandpool.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What sessions notice of others on the same host that take whatever they can. */
final class NoisyNeighbours implements Scenario {
  private static final int SESSIONS = 10;
  private static final int PER_SECOND = 500;

  /** After which nobody begins for the first time any more. */
  private static final Duration BEGUN = Duration.ofSeconds(1);

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
    were due. Before that, the server is asked for 20 s, and then 12,000 times on a new connection each. In turn without \
    and with five more sessions of the same pool, there before, that do nothing but harm, again as soon as their sandbox \
    has been replaced: a fork bomb, a memory hog, one that fills its disk, empties it and fills it again, one that floods \
    its log, and one whose caller holds as many connections open as it gets. Medians of the rounds. *After a second* \
    leaves out the first, in which all five begin at once.\
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
    var seen = new Series();
    load.run(Duration.ofSeconds(bench.pick(3, 20)));
    for (int i = 0; i < bench.pick(1000, STRANGERS); i++) {
      calls.get(i % SESSIONS).send().ok();
    }
    int rounds = bench.pick(1, 3);
    for (int i = 1; i <= rounds; i++) {
      String round = "round %d of %d".formatted(i, rounds);
      minute(bench, server, load, seen, round, "quiet");
      try (var offenders = Offenders.letLoose(server)) {
        minute(bench, server, load, seen, round, "noisy");
        bench.say("  " + offenders);
      }
      server.awaitWarm();
    }
    return List.of(
        Figure.atMost(
            "p99, of the quiet one's",
            seen.of("p99 noisy").median() / seen.of("p99 quiet").median(),
            1.5,
            ""),
        Figure.plain("p99 quiet, ms", seen.of("p99 quiet").withRange()),
        Figure.plain("p99 noisy, ms", seen.of("p99 noisy").withRange()),
        Figure.plain("p99 quiet, after a second, ms", seen.of("later p99 quiet").withRange()),
        Figure.plain("p99 noisy, after a second, ms", seen.of("later p99 noisy").withRange()),
        Figure.plain("p50 quiet, ms", seen.of("p50 quiet").withRange()),
        Figure.plain("p50 noisy, ms", seen.of("p50 noisy").withRange()));
  }

  private static void minute(
      Bench bench, RealServer server, SteadyLoad load, Series seen, String round, String name)
      throws Exception {
    double before = Cpu.seconds(server.pids());
    SteadyLoad.Answers answers = load.run(Duration.ofSeconds(bench.pick(5, 60)));
    Samples all = answers.all();
    Samples later = answers.from(BEGUN);
    seen.add("p50 " + name, all.median());
    seen.add("p99 " + name, all.percentile(0.99));
    seen.add("later p99 " + name, later.percentile(0.99));
    bench.say(
        "%s, %s: p50 %s ms, p99 %s ms of %d, after a second %s ms, server %.1f s of processor time"
            .formatted(
                round,
                name,
                Figure.number(all.median()),
                Figure.number(all.percentile(0.99)),
                all.count(),
                Figure.number(later.percentile(0.99)),
                Cpu.seconds(server.pids()) - before));
  }
}
