package dev.sandpool.server.pool;

import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.PoolRecord.Provisioning;
import dev.sandpool.server.ledger.ProvisioningState;
import dev.sandpool.server.pool.Pools.Problem;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How the last change of a pool stands: a pure function. */
final class Rollout {
  /** A revision that failed this often in a row is not going to come up. */
  private static final int CRASH_LOOP = 3;

  private Rollout() {}

  /**
   * What is known of the desired revision.
   *
   * @param ready sandboxes of it that can be claimed, or could if it were active
   * @param wanted how many the pool works towards
   * @param failures in a row
   */
  record Progress(int ready, int wanted, int failures, @Nullable Problem problem) {}

  /**
   * The state that follows.
   *
   * @param since the change, by the monotonic clock
   */
  static Provisioning next(PoolRecord pool, Progress progress, Duration since, Duration deadline) {
    Provisioning current = pool.provisioning();
    boolean active = pool.active() != null && pool.active().id().equals(pool.desired().id());
    if (active && progress.ready() >= progress.wanted()) {
      return Provisioning.succeeded();
    }
    if (current.state() != ProvisioningState.IN_PROGRESS) {
      return current;
    }
    Problem problem = progress.problem();
    if (problem != null && (problem.permanent() || progress.failures() >= CRASH_LOOP)) {
      return Provisioning.failed(problem.code(), problem.message());
    }
    if (since.compareTo(deadline) > 0) {
      String why = problem == null ? "" : ": " + problem.message();
      return Provisioning.failed(
          "ProvisioningTimeout",
          "only %d of %d sandboxes were ready after %d min%s"
              .formatted(progress.ready(), progress.wanted(), deadline.toMinutes(), why));
    }
    return current;
  }
}
