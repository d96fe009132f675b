package dev.sandpool.bench;

import dev.sandpool.model.Isolation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How fast sandboxes come and go, against the runtimes without anything around them. */
final class StartRate implements Scenario {
  @Override
  public String name() {
    return "starts";
  }

  @Override
  public String title() {
    return "Sandbox lives against the bare runtimes";
  }

  @Override
  public String method() {
    return """
    One life is: start, first HTTP answer of the sample application, kill, nothing left; four at a time. *Sandpool* is \
    the engine's `start` and `stop` without grace: network slot, writable layer, cgroups, monitor with bounded console, \
    and their removal. *Bare* is `RUNTIME run --bundle` with the very `config.json` that the engine wrote for a sandbox \
    of the image, SIGKILL to the process of its `--pid-file`, and waiting for `run`, which deletes the container, to \
    end: one process for a whole life and no second one to kill or delete. It does less: its network namespaces are \
    made before and removed after the clock runs, and all share the image's root file system, read-only, without a \
    layer to write to. Sandpool's gVisor sandboxes are woken up to 2 ms late by their timers (decision 0022), the bare ones \
    are not. Rounds of both are interleaved, rates are medians; the time to the answer is of all lives.""";
  }

  @Override
  public boolean onServer() {
    return false;
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    Map<String, StartBed> beds = new LinkedHashMap<>();
    beds.put("runsc", StartBed.open(bench, Isolation.GVISOR));
    beds.put("runc", StartBed.open(bench, Isolation.CONTAINER));
    var rates = new Series();
    var answers = new Series();
    int rounds = bench.pick(1, 7);
    for (int i = -1; i < rounds; i++) {
      for (Map.Entry<String, StartBed> bed : beds.entrySet()) {
        int lives = bench.pick(8, i < 0 ? 64 : 32);
        StartBed.Round ours = bed.getValue().sandpool(lives);
        StartBed.Round bare = bed.getValue().bare(lives);
        bench.say(
            "%s, %s: sandpool %.1f/s, bare %.1f/s"
                .formatted(
                    bed.getKey(),
                    i < 0 ? "warm-up" : "round " + (i + 1),
                    ours.perSecond(),
                    bare.perSecond()));
        if (i >= 0) {
          keep(rates, answers, bed.getKey() + " sandpool", ours);
          keep(rates, answers, bed.getKey() + " bare", bare);
        }
      }
    }
    List<Figure> figures = new ArrayList<>();
    for (Map.Entry<String, StartBed> bed : beds.entrySet()) {
      figures(bed.getKey(), bed.getValue().runtime(), rates, answers, figures);
    }
    return figures;
  }

  private static void keep(Series rates, Series answers, String name, StartBed.Round round) {
    rates.add(name, round.perSecond());
    answers.addAll(name, round.answerMillis());
  }

  private static void figures(
      String name, String runtime, Series rates, Series answers, List<Figure> figures) {
    Samples ours = rates.of(name + " sandpool");
    Samples bare = rates.of(name + " bare");
    figures.add(
        Figure.atLeast(runtime + ", of the bare rate", ours.median() / bare.median(), 0.8, ""));
    figures.add(Figure.plain(name + ", Sandpool, lives per second", ours.withRange()));
    figures.add(Figure.plain(name + ", bare, lives per second", bare.withRange()));
    figures.add(
        Figure.plain(
            name + ", start to first answer, Sandpool / bare, p50",
            "%s / %s ms"
                .formatted(
                    Figure.number(answers.of(name + " sandpool").median()),
                    Figure.number(answers.of(name + " bare").median()))));
  }
}
