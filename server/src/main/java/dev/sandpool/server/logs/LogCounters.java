package dev.sandpool.server.logs;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** What was stored, and above all what was not, since the server started. */
public final class LogCounters {
  private final AtomicLong rows = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong gaps = new AtomicLong();
  private final AtomicLong events = new AtomicLong();
  private final AtomicLong strangers = new AtomicLong();
  private final AtomicLong cut = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();

  void stored(List<LogBlock> blocks) {
    for (LogBlock block : blocks) {
      rows.addAndGet(block.rows().size());
      block.rows().forEach(row -> bytes.addAndGet(row.text().length));
    }
  }

  /** A console lost lines before they were read. */
  void gap() {
    gaps.incrementAndGet();
  }

  /** An event was dropped because too many came at once. */
  void droppedEvent() {
    events.incrementAndGet();
  }

  /** A console that is nobody's was thrown away unread. */
  void stranger() {
    strangers.incrementAndGet();
  }

  /** Bytes had to go before their time. */
  void cut(long bytesCut) {
    cut.addAndGet(bytesCut);
  }

  /** Something could not be read or stored, and is tried again. */
  void failure() {
    failures.incrementAndGet();
  }

  /** Consoles that lost lines. */
  public long gaps() {
    return gaps.get();
  }

  /** Events that were dropped. */
  public long droppedEvents() {
    return events.get();
  }

  /** Rows stored. */
  public long rows() {
    return rows.get();
  }

  /** Name to count, also those that never happened. */
  public Map<String, Long> counts() {
    Map<String, Long> all = new LinkedHashMap<>();
    all.put("rows-stored", rows.get());
    all.put("bytes-stored", bytes.get());
    all.put("consoles-with-gaps", gaps.get());
    all.put("events-dropped", events.get());
    all.put("consoles-of-nobody", strangers.get());
    all.put("bytes-removed-early", cut.get());
    all.put("failures", failures.get());
    return all;
  }
}
