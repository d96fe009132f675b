package dev.sandpool.server.lifecycle;

import java.util.List;

/** Where lifecycle events go. Returns at once and never throws. */
@FunctionalInterface
public interface LifecycleSink {
  /** Takes one event. */
  void report(LifecycleEvent event);

  /** Takes a step of a pool, which most pass over. */
  default void report(PoolEvent event) {}

  /** Each gets each event, in order. */
  static LifecycleSink all(LifecycleSink... sinks) {
    List<LifecycleSink> each = List.of(sinks);
    return new LifecycleSink() {
      @Override
      public void report(LifecycleEvent event) {
        each.forEach(sink -> sink.report(event));
      }

      @Override
      public void report(PoolEvent event) {
        each.forEach(sink -> sink.report(event));
      }
    };
  }
}
