package dev.sandpool.server.management;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.pool.Pools;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A keeper that does nothing by itself: a test says when a pool has come up, failed or gone. */
final class FakePools implements Pools {
  static final String DIGEST = "sha256:" + "a".repeat(64);

  private final Ledger ledger;
  private final List<PoolId> changed = new ArrayList<>();
  private final Set<String> running = new HashSet<>();

  FakePools(Ledger ledger) {
    this.ledger = ledger;
  }

  /** Sandboxes run that image from now on. */
  synchronized void run(String digest) {
    running.add(digest);
  }

  @Override
  public synchronized Set<String> imagesRunning() {
    return Set.copyOf(running);
  }

  synchronized List<PoolId> changed() {
    return List.copyOf(changed);
  }

  @Override
  public synchronized void changed(PoolId pool) {
    changed.add(pool);
  }

  @Override
  public PoolCondition condition(PoolId pool) {
    boolean up = ledger.pool(pool).map(it -> it.active() != null).orElse(false);
    var serving = new RevisionCondition(2, 0, 1, 0, 0, null);
    var none = RevisionCondition.NONE;
    return up
        ? new PoolCondition("ready", 2, 0, 1, 2, 0, null, List.of(), serving, serving)
        : new PoolCondition("pulling image", 0, 0, 0, 2, 0, null, List.of(), none, none);
  }

  @Override
  public Map<PoolId, PoolCondition> conditions(List<PoolRecord> pools) {
    return pools.stream()
        .map(PoolRecord::id)
        .collect(Collectors.toMap(Function.identity(), this::condition));
  }

  /** All that is under way comes up; what is being deleted is gone. */
  void settle() {
    for (PoolRecord pool : ledger.pools()) {
      if (pool.deleting()) {
        ledger.deletePool(pool.id());
      } else {
        var desired = pool.desired().withDigest(DIGEST);
        update(pool, new PoolRecord.Provisioning(succeeded(), null, null), desired);
      }
    }
  }

  /** All that is under way fails. */
  void fail(String code, String message) {
    for (PoolRecord pool : ledger.pools()) {
      update(pool, PoolRecord.Provisioning.failed(code, message), null);
    }
  }

  private static dev.sandpool.server.ledger.ProvisioningState succeeded() {
    return dev.sandpool.server.ledger.ProvisioningState.SUCCEEDED;
  }

  private void update(
      PoolRecord pool,
      PoolRecord.Provisioning provisioning,
      dev.sandpool.server.ledger.@Nullable Revision up) {
    ledger.updatePool(
        new PoolRecord(
            pool.id(),
            pool.resourceId(),
            pool.environmentId(),
            pool.name(),
            pool.generation(),
            pool.maxSessions(),
            pool.readySessions(),
            pool.lifecycle(),
            pool.network(),
            up == null ? pool.active() : up,
            up == null ? pool.desired() : up,
            provisioning,
            pool.changedAt()));
  }
}
