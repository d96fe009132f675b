package dev.sandpool.bench;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What many pools cost, and what management's requests cost those of sessions. */
final class ManagementPlane implements Scenario {
  private static final int SESSIONS = 5;
  private static final int FORWARDED = 300;
  private static final int MANAGED = 50;

  @Override
  public String name() {
    return "management";
  }

  @Override
  public String title() {
    return "Management of many pools";
  }

  @Override
  public String method() {
    return """
    A server with 10, 100 and 1,000 pools of the sample image that keep no sandbox ready, each with a secret, two \
    variables and a tag. *List*: a page of at most 100 pools of the subscription with the version that shows most, over \
    one kept-alive connection, one after another; as many before are not counted. *Memory*: living objects of the \
    server's heap after a collection (`jcmd GC.class_histogram`), the difference between fewest and most pools. *Idle*: \
    processor time of the server's processes while nothing is asked of it. *Next to management*: 300 requests a second \
    for 1 KiB of the sample application over five sessions of one more pool, sent at fixed times and timed from when \
    they were due, in turn without and with 50 management requests a second (30 pools shown, 10 pages, 10 changes of a \
    pool's tags) with all pools there; medians of the rounds.\
    """;
  }

  @Override
  public boolean onServer() {
    return false;
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    PoolFleet fleet = PoolFleet.start(bench);
    int[] sizes = bench.quick() ? new int[] {10, 50} : new int[] {10, 100, 1000};
    List<Figure> figures = new ArrayList<>();
    List<Long> bytes = new ArrayList<>();
    for (int size : sizes) {
      long begin = System.nanoTime();
      fleet.grow(size);
      bench.say("%d pools after %.1f s".formatted(size, (System.nanoTime() - begin) / 1e9));
      Samples lists = lists(bench, fleet);
      String what = "list, %,d pools, p50 / p99".formatted(size);
      String both =
          Figure.number(lists.median()) + " / " + Figure.number(lists.percentile(0.99)) + " ms";
      figures.add(Figure.plain(what, both));
      if (size == sizes[sizes.length - 1]) {
        String name = "list, %,d pools, p99".formatted(size);
        figures.add(Figure.atMost(name, lists.percentile(0.99), 50, " ms"));
      }
      bytes.add(fleet.livingBytes());
      Figure idle = idle(bench, fleet, size);
      figures.add(idle);
      bench.say("%s; %d bytes living; %s".formatted(both, bytes.getLast(), idle.value()));
    }
    int more = sizes[sizes.length - 1] - sizes[0];
    double perPool = (bytes.getLast() - bytes.getFirst()) / 1024.0 / more;
    figures.add(Figure.atMost("memory of the server per pool", perPool, 20, " KiB"));
    figures.addAll(together(bench, fleet));
    return figures;
  }

  private static Samples lists(Bench bench, PoolFleet fleet) throws IOException {
    int count = bench.pick(50, 300);
    List<Double> millis = new ArrayList<>();
    try (HttpCall.Kept connection = fleet.list().keep()) {
      for (int i = 0; i < 2 * count; i++) {
        double took = connection.send().ok().millis();
        if (i >= count) {
          millis.add(took);
        }
      }
    }
    return Samples.of(millis);
  }

  private static Figure idle(Bench bench, PoolFleet fleet, int size)
      throws IOException, InterruptedException {
    int seconds = bench.pick(5, 10);
    Thread.sleep(Duration.ofSeconds(2));
    double before = Cpu.seconds(fleet.pids());
    Thread.sleep(Duration.ofSeconds(seconds));
    double share = 100 * (Cpu.seconds(fleet.pids()) - before) / seconds;
    return Figure.plain("idle, %,d pools".formatted(size), Figure.number(share) + " % of a core");
  }

  private static List<Figure> together(Bench bench, PoolFleet fleet) throws Exception {
    URI pool = fleet.pool("serving", SESSIONS);
    List<HttpCall> calls = new ArrayList<>();
    for (int i = 0; i < SESSIONS; i++) {
      HttpCall call = fleet.forwarded(pool, "/bytes?size=1024", "bench-%03d".formatted(i));
      call.send().ok();
      calls.add(call);
    }
    var forwarded = new SteadyLoad(calls, FORWARDED);
    var managed = new SteadyLoad(mixed(fleet), MANAGED);
    forwarded.run(Duration.ofSeconds(bench.pick(2, 10)));
    managed.run(Duration.ofSeconds(bench.pick(2, 5)));
    var slow = new Series();
    Duration time = Duration.ofSeconds(bench.pick(3, 6));
    for (int round = 0; round < bench.pick(1, 5); round++) {
      double alone = forwarded.run(time).all().percentile(0.99);
      double together = beside(managed, forwarded, time).percentile(0.99);
      slow.add("alone", alone);
      slow.add("together", together);
      bench.say("p99 alone %.2f ms, next to management %.2f ms".formatted(alone, together));
    }
    double times = slow.of("together").median() / slow.of("alone").median();
    return List.of(
        Figure.atMost("p99 next to management, of the one alone", times, 1.2, ""),
        Figure.plain("p99 alone, ms", slow.of("alone").withRange()),
        Figure.plain("p99 next to management, ms", slow.of("together").withRange()));
  }

  /** Two that give one pool another tag in turn, so that each changes something. */
  private static List<HttpCall> mixed(PoolFleet fleet) {
    return List.of(
        fleet.show(0),
        fleet.list(),
        fleet.show(1),
        fleet.tag(3, "a"),
        fleet.show(2),
        fleet.show(4),
        fleet.list(),
        fleet.show(5),
        fleet.tag(3, "b"),
        fleet.show(6));
  }

  private static Samples beside(SteadyLoad other, SteadyLoad measured, Duration time)
      throws Exception {
    try (var thread = Executors.newSingleThreadExecutor()) {
      Callable<SteadyLoad.Answers> load = () -> other.run(time);
      Future<SteadyLoad.Answers> running = thread.submit(load);
      Samples samples = measured.run(time).all();
      running.get();
      return samples;
    }
  }
}
