package dev.sandpool.server.lifecycle;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** How many events of each kind there were since the server started. */
public final class LifecycleCounters implements LifecycleSink {
  private final Map<LifecycleEvent.Kind, AtomicLong> counts =
      new EnumMap<>(LifecycleEvent.Kind.class);

  public LifecycleCounters() {
    for (LifecycleEvent.Kind kind : LifecycleEvent.Kind.values()) {
      counts.put(kind, new AtomicLong());
    }
  }

  @Override
  public void report(LifecycleEvent event) {
    counter(event.kind()).incrementAndGet();
  }

  /** Of one kind. */
  public long count(LifecycleEvent.Kind kind) {
    return counter(kind).get();
  }

  private AtomicLong counter(LifecycleEvent.Kind kind) {
    return Objects.requireNonNull(counts.get(kind));
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
