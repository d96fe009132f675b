package dev.sandpool.server.pool;

import dev.sandpool.model.RevisionId;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long a revision that is being rolled out has had a ready sandbox without a failure. One that
 * listens for a moment and then crashes, or fails its probe, must not take another's place.
 */
final class Trial {
  private @Nullable RevisionId revision;
  private long sinceNanos;
  private @Nullable RevisionId healthy;

  /**
   * How much longer it has to hold; not positive once it has.
   *
   * @param ready sandboxes of it that are ready now
   */
  synchronized Duration left(RevisionId coming, int ready, Duration length, long nowNanos) {
    if (ready == 0) {
      revision = null;
      return length;
    }
    if (!coming.equals(revision)) {
      revision = coming;
      sinceNanos = nowNanos;
    }
    return length.minusNanos(nowNanos - sinceNanos);
  }

  /** A sandbox of it has passed its liveness probe. */
  synchronized void healthy(RevisionId passing) {
    healthy = passing;
  }

  /** Whether one has, and none has failed since. */
  synchronized boolean isHealthy(RevisionId coming) {
    return coming.equals(healthy);
  }

  /** A sandbox of it failed: it begins anew. */
  synchronized void failed(RevisionId failing) {
    if (failing.equals(healthy)) {
      healthy = null;
    }
    if (failing.equals(revision)) {
      revision = null;
    }
  }
}
