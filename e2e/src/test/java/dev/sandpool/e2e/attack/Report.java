package dev.sandpool.e2e.attack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All rows of a run, in order, and their table. */
final class Report {
  private final String title;
  private final List<String> configurations;
  private final Map<String, Row> rows = new LinkedHashMap<>();

  /**
   * An empty one.
   *
   * @param configurations that must stop every probe, as columns
   */
  Report(String title, List<String> configurations) {
    this.title = title;
    this.configurations = List.copyOf(configurations);
  }

  Row row(String probe) {
    return rows.computeIfAbsent(probe, Row::new);
  }

  /**
   * Every bypass and every probe that has worked nowhere; empty if the walls hold and the kit is
   * whole.
   */
  List<String> faults() {
    List<String> faults = new ArrayList<>();
    for (Row row : rows.values()) {
      row.bypass().ifPresent(bypass -> faults.add("bypass: " + bypass));
      if (row.lacksControl()) {
        faults.add("missing control: " + row.probe());
      }
    }
    return faults;
  }

  /** Those of the probes that were not made. */
  List<String> lacking(Collection<String> probes) {
    return probes.stream()
        .filter(probe -> !rows.containsKey(probe))
        .map(probe -> "not tried: " + probe)
        .toList();
  }

  /** Writes it as Markdown. */
  void write(Path file) throws IOException {
    var text = new StringBuilder("## " + title + "\n\n");
    long bypasses = rows.values().stream().filter(row -> row.bypass().isPresent()).count();
    long missing = rows.values().stream().filter(row -> row.control().contains("MISSING")).count();
    text.append(
        "%d probes, %d bypasses, %d without a positive control.%n%n"
            .formatted(rows.size(), bypasses, missing));
    text.append("| probe | " + String.join(" | ", configurations) + " | works with |\n");
    text.append("|---".repeat(configurations.size() + 2)).append("|\n");
    for (Row row : rows.values()) {
      text.append("| ").append(row.probe());
      configurations.forEach(name -> text.append(" | ").append(row.cell(name)));
      text.append(" | ").append(row.control()).append(" |\n");
    }
    Files.writeString(file, text);
  }
}
