package dev.sandpool.server.identity;

import java.time.Instant;
import java.util.Iterator;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Remembers tokens that were verified, until they expire. Only tokens that our key signed come in,
 * so nobody can choose keys that collide, and their number is bounded.
 */
final class KnownTokens {
  private record Entry(Plane plane, Verdict.Accepted verdict) {}

  private final ConcurrentHashMap<String, Entry> entries = new ConcurrentHashMap<>();
  private final int bound;

  KnownTokens(int bound) {
    this.bound = bound;
  }

  /** Never blocks. */
  Verdict.@Nullable Accepted get(String token, Plane plane, Instant now) {
    @Nullable Entry entry = entries.get(token);
    return entry != null && entry.plane() == plane && now.isBefore(entry.verdict().until())
        ? entry.verdict()
        : null;
  }

  void put(String token, Plane plane, Verdict.Accepted verdict, Instant now) {
    if (entries.size() >= bound) {
      makeRoom(now);
    }
    entries.put(token, new Entry(plane, verdict));
  }

  void clear() {
    entries.clear();
  }

  int size() {
    return entries.size();
  }

  /** Drops what has expired, else some: they cost one more verification when they come again. */
  private synchronized void makeRoom(Instant now) {
    entries.values().removeIf(entry -> !now.isBefore(entry.verdict().until()));
    Iterator<String> some = entries.keySet().iterator();
    while (entries.size() > bound - Math.max(1, bound / 8) && some.hasNext()) {
      some.next();
      some.remove();
    }
  }
}
