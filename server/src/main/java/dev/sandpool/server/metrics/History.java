package dev.sandpool.server.metrics;

import java.util.Arrays;
import java.util.Optional;

/**
 * How a pool stood in each of the last minutes: a ring of a fixed length, in memory alone, so a
 * restart begins with none. Thread-safe.
 */
public final class History {
  private static final int SERIES = Series.values().length;
  private static final int SUM = 0;
  private static final int LEAST = 1;
  private static final int MOST = 2;
  private static final int FIELDS = 3;

  private final int minutes;

  /** Which minute a place holds; empty until the first sample, as most pools' are in tests. */
  private long[] held = {};

  private short[] samples = {};
  private int[] values = {};

  /** What is sampled. */
  public enum Series {
    EXECUTING(0),
    PENDING(1),
    READY(2);

    private final int place;

    Series(int place) {
      this.place = place;
    }
  }

  /**
   * One minute's samples of one series.
   *
   * @param count at least 1
   */
  public record Minute(long epochMinute, long total, int minimum, int maximum, int count) {}

  History(int minutes) {
    this.minutes = minutes;
  }

  synchronized void add(long epochMinute, PoolStanding standing) {
    if (held.length == 0) {
      held = new long[minutes];
      Arrays.fill(held, -1);
      samples = new short[minutes];
      values = new int[minutes * SERIES * FIELDS];
    }
    int place = (int) (epochMinute % minutes);
    if (held[place] != epochMinute) {
      held[place] = epochMinute;
      samples[place] = 0;
    }
    boolean first = samples[place]++ == 0;
    add(place, Series.EXECUTING, standing.executing(), first);
    add(place, Series.PENDING, standing.creating(), first);
    add(place, Series.READY, standing.ready(), first);
  }

  private void add(int place, Series series, int value, boolean first) {
    int at = at(place, series);
    values[at + SUM] = first ? value : values[at + SUM] + value;
    values[at + LEAST] = first ? value : Math.min(values[at + LEAST], value);
    values[at + MOST] = first ? value : Math.max(values[at + MOST], value);
  }

  private static int at(int place, Series series) {
    return (place * SERIES + series.place) * FIELDS;
  }

  /** That minute, if it was sampled and is not forgotten. */
  public synchronized Optional<Minute> minute(Series series, long epochMinute) {
    if (held.length == 0 || epochMinute < 0) {
      return Optional.empty();
    }
    int place = (int) (epochMinute % minutes);
    if (held[place] != epochMinute) {
      return Optional.empty();
    }
    int at = at(place, series);
    return Optional.of(
        new Minute(
            epochMinute, values[at + SUM], values[at + LEAST], values[at + MOST], samples[place]));
  }
}
