package dev.sandpool.server.identity;

import java.time.Instant;
import java.util.Iterator;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Remembers tokens that were verified, until they expire. Only tokens that somebody whom we believe
 * has signed come in, so nobody can choose keys that collide, and their number is bounded.
 *
 * <p>A look-up among thousands waits for memory, not for arithmetic: the time is a number in the
 * entry itself, and all tokens of a principal share one caller, which stays in the processor's
 * cache with its rights.
 */
final class KnownTokens {
  private record Entry(Plane plane, long untilMillis, Verdict.Accepted verdict) {}

  private final ConcurrentHashMap<String, Entry> entries = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Principal, Verdict.Accepted> shared = new ConcurrentHashMap<>();
  private final AtomicLong generation = new AtomicLong();
  private final int bound;

  KnownTokens(int bound) {
    this.bound = bound;
  }

  /** Never blocks. */
  Verdict.@Nullable Accepted get(String token, Plane plane, Instant now) {
    @Nullable Entry entry = entries.get(token);
    return entry != null && entry.plane() == plane && now.toEpochMilli() < entry.untilMillis()
        ? entry.verdict()
        : null;
  }

  /** Which time it is since all were forgotten; asked before a token is verified. */
  long generation() {
    return generation.get();
  }

  /** Remembers a token, unless all were forgotten since that generation. */
  void put(String token, Plane plane, Verdict.Accepted verdict, Instant now, long verifiedIn) {
    if (entries.size() >= bound) {
      makeRoom(now);
    }
    Verdict.Accepted one = shared.computeIfAbsent(verdict.principal(), _ -> verdict);
    entries.put(
        token,
        new Entry(
            plane,
            verdict.until().toEpochMilli(),
            new Verdict.Accepted(one.principal(), verdict.until(), one.caller())));
    // Looked at last: what is forgotten later removes the entry itself.
    if (verifiedIn != generation()) {
      entries.remove(token);
    }
  }

  void clear() {
    generation.incrementAndGet();
    entries.clear();
    shared.clear();
  }

  int size() {
    return entries.size();
  }

  /** Drops what has expired, else some: they cost one more verification when they come again. */
  private synchronized void makeRoom(Instant now) {
    shared.clear();
    entries.values().removeIf(entry -> now.toEpochMilli() >= entry.untilMillis());
    Iterator<String> some = entries.keySet().iterator();
    while (entries.size() > bound - Math.max(1, bound / 8) && some.hasNext()) {
      some.next();
      some.remove();
    }
  }
}
