package dev.sandpool.server.pool;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Since when slots rest, on the monotonic clock: by the wall clock, whoever sets it would end the
 * rest of all of them at once, or never (G3). After a restart they rest anew.
 */
final class RestingSlots {
  private final Duration rest;
  private final Map<SandboxId, Long> since = new HashMap<>();

  /**
   * @param rest how long, at least
   */
  RestingSlots(Duration rest) {
    this.rest = rest;
  }

  /** Those of all sandboxes whose slots have rested; the rest of the others begins or goes on. */
  synchronized List<SandboxRecord> rested(Collection<SandboxRecord> all, long nowNanos) {
    List<SandboxRecord> gone =
        all.stream().filter(record -> record.state() == SandboxState.GONE).toList();
    Set<SandboxId> ids = gone.stream().map(SandboxRecord::id).collect(Collectors.toSet());
    since.keySet().retainAll(ids);
    ids.forEach(id -> since.putIfAbsent(id, nowNanos));
    return gone.stream()
        .filter(record -> nowNanos - since.getOrDefault(record.id(), nowNanos) >= rest.toNanos())
        .toList();
  }
}
