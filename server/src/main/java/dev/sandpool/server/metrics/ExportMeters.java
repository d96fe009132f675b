package dev.sandpool.server.metrics;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** What is counted of one exporter: what it handed on, and above all what it did not. */
public final class ExportMeters {
  private final LongAdder delivered = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder gaps = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private volatile LongSupplier waitingBytes = () -> 0;
  private volatile long oldestMicros = Long.MAX_VALUE;

  ExportMeters() {}

  /** The receiver took so many items. */
  public void delivered(long items) {
    delivered.add(items);
  }

  /** The receiver will never take so many items. */
  public void refused(long items) {
    refused.add(items);
  }

  /** So many items went before they were handed on, for want of room. */
  public void dropped(long items) {
    dropped.add(items);
  }

  /** Rows of a table of a pool became too old before they were handed on; nobody knows how many. */
  public void gap() {
    gaps.increment();
  }

  /** A request failed, and is sent again. */
  public void failure() {
    failures.increment();
  }

  /** Who knows how many bytes wait. */
  public void waiting(LongSupplier bytes) {
    this.waitingBytes = bytes;
  }

  /** The time of the oldest item that waits; the end of time where none does. */
  public void oldest(long micros) {
    this.oldestMicros = micros;
  }

  long deliveredItems() {
    return delivered.sum();
  }

  long refusedItems() {
    return refused.sum();
  }

  long droppedItems() {
    return dropped.sum();
  }

  long gaps() {
    return gaps.sum();
  }

  long failures() {
    return failures.sum();
  }

  long waitingBytes() {
    return waitingBytes.getAsLong();
  }

  double lagSeconds(long nowMicros) {
    long oldest = oldestMicros;
    return oldest == Long.MAX_VALUE ? 0 : Math.max(0, nowMicros - oldest) / 1e6;
  }
}
