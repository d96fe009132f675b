package dev.sandpool.server.pool;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.ledger.PoolRecord;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What management asks of the pools' keeper. They meet in the ledger: this only wakes and looks.
 */
public interface Pools {
  /** The pool's record in the ledger has changed: act on it. Returns at once. */
  void changed(PoolId pool);

  /** How the pool stands. */
  PoolCondition condition(PoolId pool);

  /** How each of these pools stands, in one look at the ledger for all of them. */
  Map<PoolId, PoolCondition> conditions(List<PoolRecord> pools);

  /** Digests of the images that sandboxes run at this moment, whatever revision they are of. */
  Set<String> imagesRunning();

  /**
   * How a pool stands at this moment.
   *
   * @param phase what is under way, for a person: {@code pulling image}, {@code starting}, {@code
   *     ready}
   * @param ready sandboxes ready to be claimed
   * @param starting sandboxes being started
   * @param allocated sessions
   * @param wanted unallocated sandboxes that it works towards
   * @param crashes sandboxes that ended by themselves before they were ready, since the last
   *     success
   * @param problem why it does not get there; null if nothing is wrong
   * @param steps what a pull last said, newest last
   * @param active the revision that is claimed from
   * @param desired the one that is wanted; the same where nothing is being rolled out
   */
  record PoolCondition(
      String phase,
      int ready,
      int starting,
      int allocated,
      int wanted,
      int crashes,
      @Nullable Problem problem,
      List<String> steps,
      RevisionCondition active,
      RevisionCondition desired) {
    public PoolCondition {
      steps = List.copyOf(steps);
    }
  }

  /**
   * How one revision of a pool stands.
   *
   * @param ready sandboxes of it that nobody holds
   * @param starting sandboxes of it being started
   * @param allocated sessions on it
   * @param pullFailures pulls of its image that failed, since the last success
   * @param crashes sandboxes of it that did not come up or died unheld, since the last success
   * @param problem the last failure; null if the row of failures has ended
   */
  record RevisionCondition(
      int ready,
      int starting,
      int allocated,
      int pullFailures,
      int crashes,
      @Nullable Problem problem) {
    /** Nothing of it is there, and nothing is wrong. */
    public static final RevisionCondition NONE = new RevisionCondition(0, 0, 0, 0, 0, null);
  }

  /**
   * Why a pool does not get to what it wants.
   *
   * @param code {@code ImagePullFailed}, {@code ContainerCrashing}, {@code ContainerStartFailed},
   *     {@code ProbeFailed}, {@code HostFull}, {@code IsolationNotAvailable}
   * @param permanent whether only a change of the pool can help
   */
  record Problem(String code, String message, boolean permanent) {
    static final String PULL_FAILED = "ImagePullFailed";
  }
}
