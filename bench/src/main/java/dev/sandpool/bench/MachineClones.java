package dev.sandpool.bench;

import dev.sandpool.model.Isolation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What starting virtual machines as clones is worth. */
final class MachineClones implements Scenario {
  private static final String SNAPSHOT = "sample";
  private static final int WIDTH = 2;
  private static final List<Integer> CLONES = List.of(10, 50);
  private static final List<Integer> QUICK_CLONES = List.of(3);
  private static final long SETTLED_MILLIS = 3000;

  @Override
  public String name() {
    return "microvm";
  }

  @Override
  public String title() {
    return "Virtual machines as clones";
  }

  @Override
  public String method() {
    return """
    Machines of the sample application with 128 MiB. *Boot* and *clone*: the engine's `start` to the first HTTP answer, in turn, \
    medians. *Memory*: of the machines' QEMU, 3 s after the last one answered, with each page divided among those who \
    share it (PSS), summed; what another clone adds is the difference between fifty (in a quick run three) and one, divided by forty-nine (two). *Refill*: lives (start, \
    first answer, kill, nothing left), two at a time. *Requests*: one after another over a fresh connection each, to a clone and to a \
    gVisor sandbox in turn. The runtime says whether the processor was emulated: then \
    seconds are a matter of the translator and only the ratios count. With KVM a boot should take a second or less and the first row be \
    larger: a clone's own work (slot, container, QEMU's start) is not emulated here either. `./dev bench --only microvm` measures.\
    """;
  }

  @Override
  public boolean onServer() {
    return false;
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    MachineBed bed = MachineBed.open(bench);
    List<Figure> figures = new ArrayList<>();
    MachineBed.Answering pattern = bed.start(SNAPSHOT);
    bed.settle(pattern);
    starts(bench, bed, figures);
    memory(bench, bed, pattern, figures);
    refill(bench, bed, figures);
    requests(bench, pattern, figures);
    figures.add(Figure.plain("runtime", bed.runtime()));
    return figures;
  }

  private static void starts(Bench bench, MachineBed bed, List<Figure> figures) throws Exception {
    var times = new Series();
    for (int i = 0; i < bench.pick(2, 4); i++) {
      for (@Nullable String snapshot : new @Nullable String[] {null, SNAPSHOT}) {
        MachineBed.Answering machine = bed.start(snapshot);
        times.add(snapshot == null ? "boot" : "clone", machine.millis());
        bed.stop(machine);
      }
    }
    Samples boot = times.of("boot");
    Samples clone = times.of("clone");
    figures.add(
        Figure.atMost(
            "clone to first answer, of a boot", clone.median() / boot.median(), 0.25, ""));
    figures.add(Figure.plain("boot to first answer, ms", boot.withRange()));
    figures.add(Figure.plain("clone to first answer, ms", clone.withRange()));
  }

  private static void memory(
      Bench bench, MachineBed bed, MachineBed.Answering pattern, List<Figure> figures)
      throws Exception {
    MachineBed.Answering booted = bed.start(null);
    Thread.sleep(SETTLED_MILLIS);
    double boot = bed.share(booted);
    double one = bed.share(pattern);
    bed.stop(booted);
    List<MachineBed.Answering> clones = Collections.synchronizedList(new ArrayList<>());
    clones.add(pattern);
    List<String> sums = new ArrayList<>(List.of("%.0f".formatted(boot), "%.0f".formatted(one)));
    double further = 0;
    List<Integer> counts = bench.quick() ? QUICK_CLONES : CLONES;
    for (int many : counts) {
      try (Lanes lanes = Lanes.plain(WIDTH)) {
        lanes.run(
            many - clones.size(),
            number -> {
              MachineBed.Answering clone = bed.start(SNAPSHOT);
              clones.add(clone);
              return clone.millis();
            });
      }
      Thread.sleep(SETTLED_MILLIS);
      double all = 0;
      for (MachineBed.Answering clone : clones) {
        all += bed.share(clone);
      }
      further = (all - one) / (many - 1);
      sums.add("%.0f".formatted(all));
    }
    figures.add(
        Figure.atMost("memory of a further idle clone, of a booted one", further / boot, 0.35, ""));
    figures.add(
        Figure.plain(
            "memory: booted / 1 clone / %s, MB"
                .formatted(
                    counts.stream()
                        .map(many -> many + " clones")
                        .collect(Collectors.joining(" / "))),
            String.join(" / ", sums)));
    try (Lanes lanes = Lanes.plain(WIDTH)) {
      lanes.run(
          clones.size() - 1,
          number -> {
            bed.stop(clones.get(number + 1));
            return 0;
          });
    }
  }

  private static void refill(Bench bench, MachineBed bed, List<Figure> figures) throws Exception {
    try (Lanes lanes = Lanes.plain(WIDTH)) {
      double boots = lanes.run(bench.pick(2, 4), number -> life(bed, null)).perSecond();
      double clones = lanes.run(bench.pick(6, 20), number -> life(bed, SNAPSHOT)).perSecond();
      figures.add(Figure.atLeast("refill by clones, of that by boots", clones / boots, 3, ""));
      figures.add(
          Figure.plain(
              "lives per second, clones / boots",
              "%s / %s".formatted(Figure.number(clones), Figure.number(boots))));
    }
  }

  private static double life(MachineBed bed, @Nullable String snapshot) throws Exception {
    MachineBed.Answering machine = bed.start(snapshot);
    bed.stop(machine);
    return machine.millis();
  }

  private static void requests(Bench bench, MachineBed.Answering machine, List<Figure> figures)
      throws Exception {
    var times = new Series();
    StartBed gvisor = StartBed.open(bench, Isolation.GVISOR);
    try (StartBed.Held sandbox = gvisor.hold()) {
      for (int i = 0; i < bench.pick(20, 200); i++) {
        times.add("machine", MachineBed.request(machine.sandbox().address()));
        times.add("gvisor", MachineBed.request(sandbox.address()));
      }
    }
    figures.add(
        Figure.plain(
            "a request, machine / gVisor sandbox, p50 ms",
            "%s / %s"
                .formatted(
                    Figure.number(times.of("machine").median()),
                    Figure.number(times.of("gvisor").median()))));
  }
}
