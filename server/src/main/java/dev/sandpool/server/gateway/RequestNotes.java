package dev.sandpool.server.gateway;

import org.jspecify.annotations.Nullable;

/** Who is told of each request when it is over; on event loops, and so at once. */
public interface RequestNotes {
  void offer(AccessLine line);

  /** Both, or the one that there is; null where there is none. */
  static @Nullable RequestNotes both(@Nullable RequestNotes one, @Nullable RequestNotes other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return line -> {
      one.offer(line);
      other.offer(line);
    };
  }
}
