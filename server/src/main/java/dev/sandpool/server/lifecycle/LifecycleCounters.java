package dev.sandpool.server.lifecycle;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/** How many events of each kind there were since the server started. */
public final class LifecycleCounters implements LifecycleSink {
  private final AtomicLongArray counts = new AtomicLongArray(LifecycleEvent.Kind.values().length);

  @Override
  public void report(LifecycleEvent event) {
    counts.incrementAndGet(event.kind().ordinal());
  }

  /** Of one kind. */
  public long count(LifecycleEvent.Kind kind) {
    return counts.get(kind.ordinal());
  }

  /** Label to count, also those that never happened: a rate needs a zero to begin with. */
  public Map<String, Long> counts() {
    Map<String, Long> all = new LinkedHashMap<>();
    for (LifecycleEvent.Kind kind : LifecycleEvent.Kind.values()) {
      all.put(kind.label(), count(kind));
    }
    return all;
  }
}
