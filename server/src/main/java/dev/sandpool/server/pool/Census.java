package dev.sandpool.server.pool;

import dev.sandpool.model.RevisionId;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.Revision;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A pool's living sandboxes, sorted by what they are good for.
 *
 * @param current unallocated, of the active revision and the current network policy
 * @param coming unallocated, of the desired revision where that is another
 * @param stale unallocated, neither: they cannot be claimed
 * @param allocated held by a session
 */
record Census(
    List<SandboxRecord> current,
    List<SandboxRecord> coming,
    List<SandboxRecord> stale,
    int allocated) {

  /** Sorts them; those that are Stopping count for nothing. */
  static Census of(PoolRecord pool, List<SandboxRecord> sandboxes) {
    Revision activeRevision = pool.active();
    RevisionId active = activeRevision == null ? pool.desired().id() : activeRevision.id();
    List<SandboxRecord> current = new ArrayList<>();
    List<SandboxRecord> coming = new ArrayList<>();
    List<SandboxRecord> stale = new ArrayList<>();
    int allocated = 0;
    for (SandboxRecord sandbox : sandboxes) {
      if (sandbox.state() == SandboxState.ALLOCATED) {
        allocated++;
      } else if (sandbox.state().unallocated()) {
        boolean policy = sandbox.network() == pool.network();
        if (policy && sandbox.revision().equals(active)) {
          current.add(sandbox);
        } else if (policy && sandbox.revision().equals(pool.desired().id())) {
          coming.add(sandbox);
        } else {
          stale.add(sandbox);
        }
      }
    }
    return new Census(current, coming, stale, allocated);
  }

  /** The numbers that the sizing rule takes. */
  PoolSizer.Has counts() {
    return new PoolSizer.Has(
        allocated,
        ready(current),
        current.size() - ready(current),
        ready(coming),
        coming.size() - ready(coming),
        stale.size());
  }

  /** Those of {@code sandboxes} to retire first: not yet ready before ready, youngest first. */
  static List<SandboxRecord> cheapest(List<SandboxRecord> sandboxes, int count) {
    return sandboxes.stream()
        .sorted(
            Comparator.comparing(SandboxRecord::state)
                .thenComparing(SandboxRecord::createdAt, Comparator.reverseOrder()))
        .limit(count)
        .toList();
  }

  private static int ready(List<SandboxRecord> sandboxes) {
    return (int) sandboxes.stream().filter(s -> s.state() == SandboxState.READY).count();
  }
}
