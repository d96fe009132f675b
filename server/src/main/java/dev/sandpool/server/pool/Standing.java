package dev.sandpool.server.pool;

import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.Revision;
import dev.sandpool.server.ledger.SandboxCount;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.pool.PoolSizer.Phase;
import dev.sandpool.server.pool.PoolSizer.Wants;
import dev.sandpool.server.pool.Pools.PoolCondition;
import dev.sandpool.server.pool.Pools.Problem;
import dev.sandpool.server.pool.Pools.RevisionCondition;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** How a pool stands, counted from its record and its sandboxes. */
record Standing(Failures failures) {
  /** Of a pool that is no more. */
  static final PoolCondition DELETED =
      new PoolCondition(
          "deleted",
          0,
          0,
          0,
          0,
          0,
          null,
          List.of(),
          RevisionCondition.NONE,
          RevisionCondition.NONE);

  PoolCondition of(
      PoolRecord pool,
      List<SandboxCount> sandboxes,
      String phase,
      @Nullable Problem problem,
      List<String> steps) {
    Revision active = pool.active();
    int allocated = count(sandboxes, it -> it.state() == SandboxState.ALLOCATED);
    var wants = new Wants(pool.maxSessions(), pool.readySessions(), 0, Phase.STEADY);
    return new PoolCondition(
        phase,
        count(sandboxes, it -> it.state() == SandboxState.READY && useful(pool, it)),
        count(sandboxes, it -> it.state() == SandboxState.STARTING && useful(pool, it)),
        allocated,
        PoolSizer.wanted(wants, allocated),
        failures.count(pool.desired().id()),
        problem,
        steps,
        active == null ? RevisionCondition.NONE : revision(active, sandboxes),
        revision(pool.desired(), sandboxes));
  }

  /** Whether it can be claimed, or will be once its revision is active. */
  private static boolean useful(PoolRecord pool, SandboxCount sandboxes) {
    Revision active = pool.active();
    return sandboxes.network() == pool.network()
        && (sandboxes.revision().equals(pool.desired().id())
            || (active != null && sandboxes.revision().equals(active.id())));
  }

  private RevisionCondition revision(Revision revision, List<SandboxCount> sandboxes) {
    int pulls = failures.pulls(revision.id());
    return new RevisionCondition(
        count(revision, sandboxes, SandboxState.READY),
        count(revision, sandboxes, SandboxState.STARTING),
        count(revision, sandboxes, SandboxState.ALLOCATED),
        pulls,
        failures.count(revision.id()) - pulls,
        failures.last(revision.id()));
  }

  private static int count(Revision revision, List<SandboxCount> sandboxes, SandboxState state) {
    return count(sandboxes, it -> it.state() == state && it.revision().equals(revision.id()));
  }

  private static int count(List<SandboxCount> sandboxes, Predicate<SandboxCount> which) {
    return sandboxes.stream().filter(which).mapToInt(SandboxCount::count).sum();
  }
}
