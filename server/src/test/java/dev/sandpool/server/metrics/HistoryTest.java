package dev.sandpool.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.metrics.History.Minute;
import dev.sandpool.server.metrics.History.Series;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A ring that shows a minute's samples under another minute would show loads that never were. */
class HistoryTest {
  private static final int KEPT = 7;

  @Test
  void onlyTheLastMinutesAreKeptAndNoneIsMixedWithAnother() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    var history = new History(KEPT);
    Map<Long, Minute> expected = new HashMap<>();
    long minute = 29_000_000;
    for (int i = 0; i < 2_000; i++) {
      if (random.nextInt(3) == 0) {
        minute += 1 + random.nextInt(3);
      }
      int ready = random.nextInt(100);
      history.add(minute, new PoolStanding(0, 0, ready, 0, 0));
      expected.merge(
          minute, new Minute(minute, ready, ready, ready, 1), (old, one) -> joined(old, ready));
      for (long at = minute - 20; at <= minute + 1; at++) {
        var found = history.minute(Series.READY, at);
        found.ifPresent(
            one -> assertThat(one).as("seed " + seed).isEqualTo(expected.get(one.epochMinute())));
      }
      assertThat(history.minute(Series.READY, minute)).as("seed " + seed).isPresent();
      assertThat(history.minute(Series.READY, minute - KEPT)).as("seed " + seed).isEmpty();
    }
  }

  private static Minute joined(Minute old, int value) {
    return new Minute(
        old.epochMinute(),
        old.total() + value,
        Math.min(old.minimum(), value),
        Math.max(old.maximum(), value),
        old.count() + 1);
  }
}
