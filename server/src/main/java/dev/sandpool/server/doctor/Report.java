package dev.sandpool.server.doctor;

import java.util.List;

/**
 * What all checks found.
 *
 * @param repaired what was mended, a clause each
 */
public record Report(List<Entry> entries, List<String> repaired) {
  public Report {
    entries = List.copyOf(entries);
    repaired = List.copyOf(repaired);
  }

  /** A finding and the check that made it. */
  public record Entry(String check, Finding finding) {}

  /** Whether anything failed. */
  public boolean failed() {
    return entries.stream().anyMatch(entry -> entry.finding() instanceof Finding.Failed);
  }

  /** How many findings have that state. */
  public long count(String state) {
    return entries.stream().filter(entry -> entry.finding().state().equals(state)).count();
  }
}
