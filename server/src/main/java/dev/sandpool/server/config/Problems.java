package dev.sandpool.server.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong, so that the operator sees all of it at once. */
final class Problems {
  private record Problem(Place place, String key, String message) {
    @Override
    public String toString() {
      return place + ": " + (key.isEmpty() ? "" : key + ": ") + message;
    }
  }

  private final List<Problem> found = new ArrayList<>();

  void add(Place place, String key, String message) {
    found.add(new Problem(place, key, message));
  }

  /** Ends here if anything was wrong. */
  void throwIfAny() throws ConfigException {
    if (!found.isEmpty()) {
      found.sort(
          Comparator.comparingInt((Problem problem) -> problem.place().line())
              .thenComparingInt(problem -> problem.place().column()));
      throw new ConfigException(found.stream().map(Problem::toString).toList());
    }
  }
}
