package dev.sandpool.server.pool;

import dev.sandpool.model.PoolId;
import java.util.List;
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
   * @param steps what the engine or a pull last said, newest last
   */
  record PoolCondition(
      String phase,
      int ready,
      int starting,
      int allocated,
      int wanted,
      int crashes,
      @Nullable Problem problem,
      List<String> steps) {
    public PoolCondition {
      steps = List.copyOf(steps);
    }
  }

  /**
   * Why a pool does not get to what it wants.
   *
   * @param code {@code ImagePullFailed}, {@code ContainerCrashing}, {@code ContainerStartFailed},
   *     {@code ProbeFailed}, {@code HostFull}
   * @param permanent whether only a change of the pool can help
   */
  record Problem(String code, String message, boolean permanent) {}
}
