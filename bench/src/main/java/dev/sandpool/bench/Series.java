package dev.sandpool.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Values of several things that are measured in turn, by name. */
final class Series {
  private final Map<String, List<Double>> values = new LinkedHashMap<>();

  void add(String name, double value) {
    addAll(name, List.of(value));
  }

  void addAll(String name, Collection<Double> all) {
    values.computeIfAbsent(name, key -> new ArrayList<>()).addAll(all);
  }

  /** What was added, in the order in which it first was. */
  Set<String> names() {
    return values.keySet();
  }

  Samples of(String name) {
    return Samples.of(values.getOrDefault(name, List.of()));
  }
}
