package dev.sandpool.server.pool;

import dev.sandpool.model.RevisionId;
import dev.sandpool.server.pool.Pools.Problem;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The failures of a pool's revisions, in rows: a row ends with a success that comes after calm. */
final class Failures {
  /** A success sooner than this after a failure does not end the row: it may be a loop of both. */
  private static final Duration CALM = Duration.ofSeconds(10);

  private final Map<RevisionId, Row> rows = new HashMap<>();

  private record Row(int count, int pulls, Problem last, long atNanos) {}

  /** One more. */
  synchronized void add(RevisionId revision, Problem problem, long nowNanos) {
    int pull = problem.code().equals(Problem.PULL_FAILED) ? 1 : 0;
    rows.merge(
        revision,
        new Row(1, pull, problem, nowNanos),
        (row, fresh) -> new Row(row.count + 1, row.pulls + pull, problem, nowNanos));
  }

  /** Something went well. */
  synchronized void success(RevisionId revision, long nowNanos) {
    Row row = rows.get(revision);
    if (row != null && nowNanos - row.atNanos > CALM.toNanos()) {
      rows.remove(revision);
    }
  }

  /** Starts anew: somebody has changed the pool. */
  synchronized void clear() {
    rows.clear();
  }

  /** How many in a row. */
  synchronized int count(RevisionId revision) {
    Row row = rows.get(revision);
    return row == null ? 0 : row.count;
  }

  /** How many of them in a row were pulls of its image. */
  synchronized int pulls(RevisionId revision) {
    Row row = rows.get(revision);
    return row == null ? 0 : row.pulls;
  }

  /** The last one, null if the row has ended. */
  synchronized @Nullable Problem last(RevisionId revision) {
    Row row = rows.get(revision);
    return row == null ? null : row.last;
  }

  /** How long to wait before the next try; not positive if it may be made now. */
  synchronized Duration pause(RevisionId revision, Backoff backoff, long nowNanos) {
    Row row = rows.get(revision);
    return row == null
        ? Duration.ZERO
        : backoff.after(row.count).minusNanos(nowNanos - row.atNanos);
  }
}
