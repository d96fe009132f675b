package dev.sandpool.bench;

import java.util.Collection;
import java.util.List;

/** Measured values of one thing, sorted. */
record Samples(List<Double> sorted) {
  static Samples of(Collection<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalStateException("nothing was measured");
    }
    return new Samples(values.stream().sorted().toList());
  }

  double median() {
    int half = count() / 2;
    return count() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }

  /** The value that this share (0 to 1) of all are not above; with few values, the highest. */
  double percentile(double share) {
    return sorted.get(Math.clamp((int) Math.ceil(share * count()) - 1, 0, count() - 1));
  }

  double least() {
    return sorted.getFirst();
  }

  double most() {
    return sorted.getLast();
  }

  int count() {
    return sorted.size();
  }

  /** {@code 0.41 (0.38-0.55)}: median and range. */
  String withRange() {
    return "%s (%s-%s)"
        .formatted(Figure.number(median()), Figure.number(least()), Figure.number(most()));
  }
}
