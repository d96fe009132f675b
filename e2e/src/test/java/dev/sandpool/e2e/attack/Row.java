package dev.sandpool.e2e.attack;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One line of the table: a probe, what became of it in each configuration that must stop it, and
 * where it worked.
 */
final class Row {
  private final String probe;
  private final Map<String, String> cells = new LinkedHashMap<>();
  private Optional<String> control = Optional.empty();
  private Optional<String> bypass = Optional.empty();
  private Optional<String> excused = Optional.empty();

  Row(String probe) {
    this.probe = probe;
  }

  String probe() {
    return probe;
  }

  /** What a configuration that must stop it did. */
  void judged(String configuration, Finding finding, Optional<String> intended) {
    if (!finding.through()) {
      cells.put(configuration, "blocked (" + finding.said() + ")");
    } else if (intended.isPresent()) {
      cells.put(configuration, "allowed as intended: " + intended.get());
    } else {
      cells.put(configuration, "**BYPASS** (" + finding.said() + ")");
      bypass = Optional.of(probe + " in " + configuration + ": " + finding.said());
    }
  }

  /** What a weakened configuration did; the first in which it works is its control. */
  void tried(String configuration, Finding finding) {
    if (finding.through() && control.isEmpty()) {
      control = Optional.of(configuration + " (" + finding.said() + ")");
    }
  }

  /** Why this kernel lets nobody do it, so that there can be no control. */
  void excuse(String reason) {
    excused = Optional.of(reason);
  }

  String cell(String configuration) {
    return cells.getOrDefault(configuration, "");
  }

  String control() {
    return control.orElseGet(() -> excused.map(why -> "MISSING: " + why).orElse("**MISSING**"));
  }

  Optional<String> bypass() {
    return bypass;
  }

  boolean lacksControl() {
    return control.isEmpty() && excused.isEmpty();
  }
}
