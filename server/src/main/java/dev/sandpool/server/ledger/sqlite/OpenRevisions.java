package dev.sandpool.server.ledger.sqlite;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.RevisionId;
import dev.sandpool.server.ledger.Revision;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What sealed revisions hold, opened once: opening is most of what reading a pool costs, and
 * hundreds are read for a list. Each seal is another even of the same revision, so the same bytes
 * are the same revision.
 *
 * <p>Two a pool are kept, as many as its record names: the active and the desired one.
 */
final class OpenRevisions {
  private final RevisionSeal seal;
  private final ConcurrentHashMap<PoolId, Pair> pools = new ConcurrentHashMap<>();

  OpenRevisions(RevisionSeal seal) {
    this.seal = seal;
  }

  /** What was sealed in these bytes; they are not to be changed afterwards. */
  Revision open(RevisionId id, byte[] sealed) {
    Pair known = pools.get(id.pool());
    if (known != null && known.newer.is(sealed)) {
      return known.newer.revision;
    }
    if (known != null && known.older != null && known.older.is(sealed)) {
      return known.older.revision;
    }
    Revision revision = seal.open(id, sealed);
    var opened = new Opened(ByteBuffer.wrap(sealed), revision);
    pools.compute(id.pool(), (pool, old) -> new Pair(opened, old == null ? null : old.newer));
    return revision;
  }

  /** The pool is gone. */
  void forget(PoolId pool) {
    pools.remove(pool);
  }

  private record Pair(Opened newer, @Nullable Opened older) {}

  private record Opened(ByteBuffer sealed, Revision revision) {
    boolean is(byte[] other) {
      return sealed.equals(ByteBuffer.wrap(other));
    }
  }
}
