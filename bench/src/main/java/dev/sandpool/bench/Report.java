package dev.sandpool.bench;

import java.util.List;
import java.util.Map;

/** The table, for a terminal and for the documentation. */
record Report(Machine machine, Map<Scenario, List<Figure>> results, boolean quick) {
  private static final String LINE = "%-58s %-26s %-18s %s%n";

  boolean failed() {
    return results.values().stream()
        .flatMap(List::stream)
        .anyMatch(figure -> figure.verdict() == Figure.Verdict.FAILED);
  }

  String text() {
    var text = new StringBuilder("\n");
    text.append(LINE.formatted("", "measured", "target", ""));
    results.forEach(
        (scenario, figures) -> {
          text.append(scenario.title()).append('\n');
          for (Figure figure : figures) {
            text.append(
                LINE.formatted(
                    "  " + figure.name(),
                    figure.value(),
                    figure.target(),
                    figure.verdict().word()));
          }
        });
    if (quick) {
      text.append("\nA quick run shows that everything works; its figures mean little.\n");
    }
    return text.toString();
  }

  /** For the documentation: the machine and all figures. */
  String table() {
    var text = new StringBuilder();
    text.append(
        "Written by `./dev bench` as measured; peers ran in the same run, interleaved. Figures of"
            + " other machines differ; the ratios are what to compare.\n\n");
    machine.lines().forEach(line -> text.append("- ").append(line).append('\n'));
    text.append("- load average at the end of the run: ").append(machine.load()).append('\n');
    text.append("\n| | measured | target | |\n|---|---|---|---|\n");
    results.forEach(
        (scenario, figures) -> {
          text.append("| **").append(scenario.title()).append("** | | | |\n");
          for (Figure figure : figures) {
            text.append(
                "| %s | %s | %s | %s |\n"
                    .formatted(
                        figure.name(), figure.value(), figure.target(), figure.verdict().word()));
          }
        });
    return text.append("\n`A (B-C)` is a median and the range around it.\n").toString();
  }

  /** For the documentation: what each scenario does. */
  String methods() {
    var text = new StringBuilder();
    results
        .keySet()
        .forEach(
            scenario ->
                text.append("\n### %s\n\n%s\n".formatted(scenario.title(), scenario.method())));
    return text.toString();
  }
}
