package dev.sandpool.server.pool;

import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.Revision;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What engines know snapshots of ready sandboxes by: the revision that they are of. */
final class Snapshotting {
  private Snapshotting() {}

  static String name(Revision revision) {
    return revision.id().toString();
  }

  /** Those that a pool still has a use for. */
  static Set<String> names(PoolRecord pool) {
    return Stream.of(Optional.of(pool.desired()), Optional.ofNullable(pool.active()))
        .flatMap(Optional::stream)
        .map(Snapshotting::name)
        .collect(Collectors.toSet());
  }
}
