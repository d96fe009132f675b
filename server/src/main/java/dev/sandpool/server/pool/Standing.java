package dev.sandpool.server.pool;

import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.Revision;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.pool.PoolSizer.Has;
import dev.sandpool.server.pool.PoolSizer.Phase;
import dev.sandpool.server.pool.PoolSizer.Wants;
import dev.sandpool.server.pool.Pools.PoolCondition;
import dev.sandpool.server.pool.Pools.Problem;
import dev.sandpool.server.pool.Pools.RevisionCondition;
import java.util.List;
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
      List<SandboxRecord> sandboxes,
      String phase,
      @Nullable Problem problem,
      List<String> steps) {
    Has has = Census.of(pool, sandboxes).counts();
    Revision active = pool.active();
    var wants = new Wants(pool.maxSessions(), pool.readySessions(), 0, Phase.STEADY);
    return new PoolCondition(
        phase,
        has.currentReady() + has.comingReady(),
        has.currentStarting() + has.comingStarting(),
        has.allocated(),
        PoolSizer.wanted(wants, has.allocated()),
        failures.count(pool.desired().id()),
        problem,
        steps,
        active == null ? RevisionCondition.NONE : revision(active, sandboxes),
        revision(pool.desired(), sandboxes));
  }

  private RevisionCondition revision(Revision revision, List<SandboxRecord> sandboxes) {
    int pulls = failures.pulls(revision.id());
    return new RevisionCondition(
        count(revision, sandboxes, SandboxState.READY),
        count(revision, sandboxes, SandboxState.STARTING),
        count(revision, sandboxes, SandboxState.ALLOCATED),
        pulls,
        failures.count(revision.id()) - pulls,
        failures.last(revision.id()));
  }

  private static int count(Revision revision, List<SandboxRecord> sandboxes, SandboxState state) {
    return (int)
        sandboxes.stream()
            .filter(it -> it.state() == state && it.revision().equals(revision.id()))
            .count();
  }
}
