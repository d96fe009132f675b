package dev.sandpool.server.lifecycle;

import java.util.List;

/** Where lifecycle events go. Returns at once and never throws. */
@FunctionalInterface
public interface LifecycleSink {
  /** Takes one event. */
  void report(LifecycleEvent event);

  /** Each gets each event, in order. */
  static LifecycleSink all(LifecycleSink... sinks) {
    List<LifecycleSink> each = List.of(sinks);
    return event -> each.forEach(sink -> sink.report(event));
  }
}
