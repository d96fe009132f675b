package dev.sandpool.server.session;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.time.Time;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;

/**
 * When a full pool has room again at the latest, if nobody goes on with a session of it. Looked at
 * once a second and pool: a crowd that is refused must not have all sessions walked for each.
 */
final class Vacancies {
  private static final long KEPT_NANOS = Duration.ofSeconds(1).toNanos();

  private final SessionTable<?> table;
  private final Time time;
  private final ConcurrentHashMap<PoolId, Seen> seen = new ConcurrentHashMap<>();

  private record Seen(long atNanos, long firstEndNanos) {}

  Vacancies(SessionTable<?> table, Time time) {
    this.table = table;
    this.time = time;
  }

  /** The time until the first of the pool's sessions ends; zero if it has none. May walk all. */
  Duration next(PoolId pool) {
    long now = time.nanos();
    Seen kept =
        seen.compute(
            pool,
            (id, last) ->
                last != null && now - last.atNanos < KEPT_NANOS
                    ? last
                    : new Seen(now, now + look(id, now)));
    return Duration.ofNanos(Math.max(0, kept.firstEndNanos - now));
  }

  void forget(PoolId pool) {
    seen.remove(pool);
  }

  private long look(PoolId pool, long now) {
    return table.all().stream()
        .filter(entry -> entry.key().pool().equals(pool))
        .mapToLong(entry -> entry.closing() ? 0 : entry.endsInNanos(now))
        .min()
        .orElse(0);
  }
}
