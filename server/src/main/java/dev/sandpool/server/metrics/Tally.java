package dev.sandpool.server.metrics;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** Striped counters, one for each word of a closed list. */
final class Tally<E extends Enum<E>> {
  private final Map<E, LongAdder> counts;

  /**
   * @param words all of them
   */
  Tally(Class<E> words) {
    counts = new EnumMap<>(words);
    for (E word : words.getEnumConstants()) {
      counts.put(word, new LongAdder());
    }
  }

  void count(E word) {
    counter(word).increment();
  }

  long of(E word) {
    return counter(word).sum();
  }

  private LongAdder counter(E word) {
    return Objects.requireNonNull(counts.get(word));
  }
}
