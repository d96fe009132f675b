package dev.sandpool.server.logs;

import dev.sandpool.model.Json;
import dev.sandpool.model.PoolId;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.time.Time;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the rows of pools belong, remembered for a while: asked for every row, and by one thread.
 */
final class PlaceFinder {
  private static final Duration REMEMBERED = Duration.ofSeconds(10);
  private static final int MOST = 10_000;

  private final Ledger ledger;
  private final LogStore store;
  private final Time time;
  private final Map<PoolId, Known> known = new HashMap<>();

  private record Known(@Nullable LogPlace place, long atNanos) {}

  PlaceFinder(Ledger ledger, LogStore store, Time time) {
    this.ledger = ledger;
    this.store = store;
    this.time = time;
  }

  /** The place; that of a pool that is gone is where it logged last. */
  Optional<LogPlace> of(PoolId pool) {
    Known it = known.get(pool);
    long now = time.nanos();
    if (it == null || now - it.atNanos > REMEMBERED.toNanos()) {
      if (known.size() > MOST) {
        known.clear();
      }
      LogPlace before = it == null ? null : it.place;
      LogPlace place = ledger.pool(pool).map(this::of).orElseGet(() -> last(pool, before));
      it = new Known(place, now);
      known.put(pool, it);
    }
    return Optional.ofNullable(it.place);
  }

  private @Nullable LogPlace last(PoolId pool, @Nullable LogPlace before) {
    return before != null
        ? before
        : store.pool(pool).stream().findFirst().map(PoolLog::place).orElse(null);
  }

  private @Nullable LogPlace of(PoolRecord pool) {
    Optional<ResourceRecord> environment = ledger.resource(pool.environmentId());
    return environment
        .map(
            it ->
                new LogPlace(
                    Workspaces.of(it),
                    pool.id(),
                    pool.name(),
                    pool.resourceId(),
                    pool.environmentId(),
                    Json.MAPPER.readTree(it.document()).path("location").asString("")))
        .orElse(null);
  }
}
