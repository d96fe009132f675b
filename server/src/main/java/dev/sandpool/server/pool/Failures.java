package dev.sandpool.server.pool;

import dev.sandpool.model.RevisionId;
import dev.sandpool.server.pool.Pools.Problem;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The failures of a pool's revisions, in rows: a row ends with a success that comes after calm.
 *
 * <p>What had begun before the last failure that counts does not count again: a wave of starts that
 * fail of one cause, such as an engine that was killed, is one failure, and each start that was
 * tried in spite of it is one more.
 */
final class Failures {
  /** A success sooner than this after a failure does not end the row: it may be a loop of both. */
  private static final Duration CALM = Duration.ofSeconds(10);

  private final Map<RevisionId, Row> rows = new HashMap<>();

  /**
   * @param countedAtNanos when the count last grew
   * @param atNanos when the last one came, counted or not
   */
  private record Row(int count, int pulls, Problem last, long countedAtNanos, long atNanos) {}

  /**
   * Something has failed.
   *
   * @param begunNanos when it was begun
   */
  synchronized void add(RevisionId revision, Problem problem, long begunNanos, long nowNanos) {
    Row row = rows.get(revision);
    if (row != null && begunNanos - row.countedAtNanos < 0) {
      rows.put(revision, new Row(row.count, row.pulls, problem, row.countedAtNanos, nowNanos));
      return;
    }
    int count = row == null ? 0 : row.count;
    int pulls = row == null ? 0 : row.pulls;
    int pull = problem.code().equals(Problem.PULL_FAILED) ? 1 : 0;
    rows.put(revision, new Row(count + 1, pulls + pull, problem, nowNanos, nowNanos));
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
