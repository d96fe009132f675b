package dev.sandpool.server.session;

import dev.sandpool.server.ledger.SessionKey;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Identifiers whose sandboxes keep ending by themselves soon after they were allocated: each costs
 * the pool one that was ready. After some in a row the next is given only after a pause, which
 * doubles. Holds a bounded number of identifiers, the latest. Thread-safe.
 */
final class CrashLoops {
  /** One that lived as long as this before it ended has not been killed by what it was sent. */
  private static final Duration SOON = Duration.ofSeconds(60);

  private static final int FREE = 3;
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final int MOST_HELD = 10_000;

  private final Duration longest;
  private final Map<SessionKey, Row> rows =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<SessionKey, Row> eldest) {
          return size() > MOST_HELD;
        }
      };

  private volatile boolean any;

  private record Row(int count, long atNanos) {}

  /**
   * @param longest pause; zero: there are none
   */
  CrashLoops(Duration longest) {
    this.longest = longest;
  }

  /** The sandbox of an identifier has ended by itself, that long after its allocation. */
  void ended(SessionKey key, Duration age, long nowNanos) {
    if (longest.isZero()) {
      return;
    }
    synchronized (rows) {
      Row row = rows.remove(key);
      if (age.compareTo(SOON) < 0) {
        rows.put(key, new Row(row == null ? 1 : row.count + 1, nowNanos));
      }
      any = !rows.isEmpty();
    }
  }

  /** How many nanoseconds an identifier has to wait for its next sandbox; 0 for none. */
  long pause(SessionKey key, long nowNanos) {
    if (!any) {
      return 0;
    }
    synchronized (rows) {
      Row row = rows.get(key);
      if (row == null) {
        return 0;
      }
      long since = nowNanos - row.atNanos;
      if (since > SOON.plus(longest).toNanos()) {
        rows.remove(key);
        any = !rows.isEmpty();
        return 0;
      }
      return Math.max(0, pauseAfter(row.count).toNanos() - since);
    }
  }

  private Duration pauseAfter(int count) {
    if (count < FREE) {
      return Duration.ZERO;
    }
    Duration pause = FIRST.multipliedBy(1L << Math.min(count - FREE, 20));
    return pause.compareTo(longest) < 0 ? pause : longest;
  }
}
