package dev.sandpool.server.gateway;

import java.util.LinkedHashSet;

/**
 * What one event loop holds of answers because their callers have not taken it. One holds some
 * hundred KiB at most, but there may be very many: where they hold more than the loop's part of
 * what all may, those are cut that have taken nothing for longest. Used on its loop only.
 */
final class HeldAnswers {
  private final CallerBounds bounds;

  /** In the order in which their callers took something last. */
  private final LinkedHashSet<InFlight> standing = new LinkedHashSet<>();

  private long bytes;

  HeldAnswers(CallerBounds bounds) {
    this.bounds = bounds;
  }

  /** That many bytes more wait for the caller of that one, who is cut if it must be. */
  void hold(InFlight one, int more) {
    if (one.givenUp) {
      return; // Cut already: what it still has goes with its connection.
    }
    one.heldBytes += more;
    standing.add(one);
    count(more);
    while (bytes > bounds.unreadOfALoop() && !standing.isEmpty()) {
      InFlight longest = standing.removeFirst();
      longest.givenUp = true;
      count(-longest.heldBytes);
      longest.heldBytes = 0;
      longest.cutUnread();
    }
  }

  /** The caller of that one has taken them, or they are gone. */
  void release(InFlight one, int less) {
    if (one.givenUp) {
      return;
    }
    one.heldBytes -= less;
    count(-less);
    // Others have waited for longer now.
    standing.remove(one);
    if (one.heldBytes > 0) {
      standing.add(one);
    }
  }

  private void count(int more) {
    bytes += more;
    bounds.countUnread(more);
  }
}
