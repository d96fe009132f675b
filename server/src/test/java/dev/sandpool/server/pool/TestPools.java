package dev.sandpool.server.pool;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.RevisionId;
import dev.sandpool.server.ledger.Lifecycle;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.Probes;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.ledger.Revision;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Pools for tests. */
public final class TestPools {
  private static final String GROUP =
      "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.App/";

  private TestPools() {}

  /** A pool as management would put it for the first time. */
  public static PoolRecord pool(PoolId id, int max, int ready, Duration cooldown, Instant now) {
    return new PoolRecord(
        id,
        GROUP + "sessionPools/p" + id,
        GROUP + "managedEnvironments/env",
        "p" + id,
        1,
        max,
        ready,
        new Lifecycle.Timed(cooldown),
        NetworkStatus.EGRESS_DISABLED,
        null,
        revision(new RevisionId(id, 1), "image:1"),
        PoolRecord.Provisioning.inProgress(),
        now);
  }

  /** A pool whose sessions live until their container exits. */
  public static PoolRecord onExit(PoolId id, int max, int ready, Duration maxAlive, Instant now) {
    PoolRecord timed = pool(id, max, ready, maxAlive, now);
    return new PoolRecord(
        id,
        timed.resourceId(),
        timed.environmentId(),
        timed.name(),
        1,
        max,
        ready,
        new Lifecycle.OnContainerExit(maxAlive),
        timed.network(),
        null,
        timed.desired(),
        timed.provisioning(),
        now);
  }

  /** A revision of that image. */
  public static Revision revision(RevisionId id, String image) {
    return revision(id, image, Probes.NONE);
  }

  /** The same with probes. */
  public static Revision revision(RevisionId id, String image, Probes probes) {
    return new Revision(
        id, image, null, null, List.of(), List.of(), Map.of(), 0.25, 64 << 20, 8080, null, probes);
  }

  /** The same pool asked to run another image. */
  public static PoolRecord updated(PoolRecord pool, String image, Instant now) {
    return new PoolRecord(
        pool.id(),
        pool.resourceId(),
        pool.environmentId(),
        pool.name(),
        pool.generation() + 1,
        pool.maxSessions(),
        pool.readySessions(),
        pool.lifecycle(),
        pool.network(),
        pool.active(),
        revision(pool.desired().id().next(), image),
        PoolRecord.Provisioning.inProgress(),
        now);
  }

  /** The same pool asked for another size. */
  public static PoolRecord resized(PoolRecord pool, int max, int ready, Instant now) {
    return new PoolRecord(
        pool.id(),
        pool.resourceId(),
        pool.environmentId(),
        pool.name(),
        pool.generation() + 1,
        max,
        ready,
        pool.lifecycle(),
        pool.network(),
        pool.active(),
        pool.desired(),
        PoolRecord.Provisioning.inProgress(),
        now);
  }

  /** The same pool asked for another network. */
  public static PoolRecord with(PoolRecord pool, NetworkStatus network, Instant now) {
    return new PoolRecord(
        pool.id(),
        pool.resourceId(),
        pool.environmentId(),
        pool.name(),
        pool.generation() + 1,
        pool.maxSessions(),
        pool.readySessions(),
        pool.lifecycle(),
        network,
        pool.active(),
        pool.desired(),
        PoolRecord.Provisioning.inProgress(),
        now);
  }

  /** The ARM document that goes with a pool. */
  public static ResourceRecord document(PoolRecord pool) {
    return new ResourceRecord(
        pool.resourceId(),
        "Microsoft.App/sessionPools",
        "{}",
        "tester",
        pool.changedAt(),
        "tester",
        pool.changedAt());
  }
}
