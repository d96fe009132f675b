package dev.sandpool.server.ledger;

import static dev.sandpool.server.ledger.Samples.NOW;
import static dev.sandpool.server.ledger.Samples.sandboxId;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every ledger promises; the claims' part is {@link ClaimContract}. */
public abstract class LedgerContract extends ClaimContract {
  private static final String TYPE = "Microsoft.App/managedEnvironments";

  @Test
  void resourceIsFoundInAnyCaseAndKeepsItsSpelling() {
    String id = Samples.ENVIRONMENT;
    ledger().putResource(Samples.resource(id, TYPE));
    ledger().putResource(Samples.resource(id.toUpperCase(Locale.ROOT), TYPE));
    assertThat(ledger().resource(id.toLowerCase(Locale.ROOT))).contains(Samples.resource(id, TYPE));
    assertThat(ledger().resources(TYPE.toUpperCase(Locale.ROOT), "")).hasSize(1);
    ledger().deleteResource(id.toUpperCase(Locale.ROOT));
    ledger().deleteResource(id);
    assertThat(ledger().resource(id)).isEmpty();
  }

  @Test
  void replacedResourceIsTheNewOne() {
    var old = Samples.resource("/subscriptions/s/x", TYPE);
    var fresh = new ResourceRecord(old.id(), TYPE, "{}", "cy", NOW, "dee", Instant.EPOCH);
    ledger().putResource(old);
    ledger().putResource(fresh);
    assertThat(ledger().resource(old.id())).contains(fresh);
  }

  @Test
  void scopeEndsAtASegment() {
    String inside = "/subscriptions/s/resourceGroups/a_b/providers/p/e1";
    ledger()
        .putResource(Samples.resource("/subscriptions/s/resourceGroups/a_b/providers/p/e2", TYPE));
    ledger().putResource(Samples.resource(inside, TYPE));
    ledger()
        .putResource(Samples.resource("/subscriptions/s/resourceGroups/a_bc/providers/p/e", TYPE));
    ledger()
        .putResource(Samples.resource("/subscriptions/s/resourceGroups/axb/providers/p/e", TYPE));
    ledger()
        .putResource(
            Samples.resource("/subscriptions/s/resourceGroups/a_b/providers/p/q", "other"));
    assertThat(ledger().resources(TYPE, "/subscriptions/s/RESOURCEGROUPS/A_B"))
        .extracting(resource -> resource.id().substring(resource.id().length() - 2))
        .containsExactly("e1", "e2");
    assertThat(ledger().resources(TYPE, "/subscriptions/s/resourceGroups/a_b/")).hasSize(2);
    assertThat(ledger().resources(TYPE, inside)).hasSize(1);
    assertThat(ledger().resources(TYPE, "")).hasSize(4);
    assertThat(ledger().resources(TYPE, "/")).hasSize(4);
    assertThat(ledger().resources(TYPE, "/subscriptions/s/resourceGroups/a")).isEmpty();
  }

  @Test
  void pagesBeginAfterAnIdWhetherItIsThereOrNot() {
    List.of("a", "b", "B1", "c")
        .forEach(name -> ledger().putResource(Samples.resource("/s/" + name, TYPE)));
    ledger().putResource(Samples.resource("/s/b0", "other"));

    assertThat(ledger().resources(TYPE, "/s", "", 2))
        .extracting(ResourceRecord::id)
        .containsExactly("/s/a", "/s/b");
    assertThat(ledger().resources(TYPE, "/s", "/S/B", 2))
        .extracting(ResourceRecord::id)
        .containsExactly("/s/B1", "/s/c");
    assertThat(ledger().resources(TYPE, "/s", "/s/b5", 2))
        .extracting(ResourceRecord::id)
        .containsExactly("/s/c");
    assertThat(ledger().resources(TYPE, "/s", "/s/c", 2)).isEmpty();
  }

  @Test
  void poolsAreFoundByTheirResourceIds() {
    PoolRecord first = putPool(1, 5);
    PoolRecord second = putPool(2, 5);
    PoolRecord third = putPool(3, 5);
    String id = second.resourceId().toUpperCase(Locale.ROOT);

    assertThat(ledger().pools(id, id)).containsExactly(second);
    assertThat(ledger().pools(first.resourceId(), second.resourceId()))
        .containsExactly(first, second);
    assertThat(ledger().pools(id, third.resourceId() + "0")).containsExactly(second, third);
    assertThat(ledger().pools(id + "0", id + "0")).isEmpty();
  }

  @Test
  void poolIsReadAsWritten() {
    PoolRecord pool = putPool(1, 7);
    assertThat(ledger().pool(pool.id())).contains(pool);
    assertThat(ledger().pools()).containsExactly(pool);
    assertThat(ledger().resource(pool.resourceId())).contains(Samples.document(pool));
    var id = Samples.poolId(2);
    var bare =
        Samples.with(
            Samples.pool(id, "bare", 1, 1, null, bareRevision(Samples.revision(id, 1))),
            PoolRecord.Provisioning.failed("PullFailed", "no such image"));
    ledger().putPool(bare, Samples.document(bare));
    assertThat(ledger().pool(id)).contains(bare);
  }

  private static Revision bareRevision(Revision full) {
    return new Revision(
        full.id(),
        full.image(),
        null,
        null,
        full.command(),
        full.args(),
        Map.of(),
        1,
        1,
        1,
        null,
        Probes.NONE);
  }

  @Test
  void duplicatePoolIsRefusedAndLeavesNothing() {
    PoolRecord first = putPool(1, 5);
    var id = Samples.poolId(2);
    PoolRecord sameName =
        new PoolRecord(
            id,
            "/subscriptions/other/sp/x",
            first.environmentId().toUpperCase(Locale.ROOT),
            first.name().toUpperCase(Locale.ROOT),
            1,
            1,
            1,
            first.lifecycle(),
            first.network(),
            null,
            Samples.revision(id, 1),
            first.provisioning(),
            NOW);
    assertThatThrownBy(() -> ledger().putPool(sameName, Samples.document(sameName)))
        .isInstanceOf(DuplicatePoolException.class)
        .hasMessageContaining(first.resourceId());
    PoolRecord sameId = Samples.pool(id, "POOL-1", 1, 1, null, Samples.revision(id, 1));
    assertThatThrownBy(() -> ledger().putPool(sameId, Samples.document(sameId)))
        .isInstanceOf(DuplicatePoolException.class);
    assertThat(ledger().pools()).containsExactly(first);
    assertThat(ledger().resource(sameName.resourceId())).isEmpty();
  }

  @Test
  void documentOfAnotherResourceIsRefused() {
    PoolRecord pool = Samples.pool(1, 5);
    ResourceRecord foreign = Samples.document(Samples.pool(2, 5));
    assertThatThrownBy(() -> ledger().putPool(pool, foreign))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void lateProgressDoesNotUndoAChange() {
    PoolRecord first = putPool(1, 5);
    Revision next = Samples.revision(first.id(), 2);
    PoolRecord second = Samples.pool(first.id(), "pool-1", 2, 9, first.active(), next);
    ledger().putPool(second, Samples.document(second));
    assertThat(ledger().updatePool(first)).isFalse();
    assertThat(ledger().pool(first.id())).contains(second);

    PoolRecord up = Samples.pool(first.id(), "pool-1", 2, 9, next, next);
    assertThat(ledger().updatePool(up)).isTrue();
    assertThat(ledger().pool(first.id())).contains(up);
    assertThat(ledger().updatePool(Samples.pool(3, 1))).isFalse();
  }

  @Test
  void activeRevisionNeverGoesBack() {
    PoolRecord first = putPool(1, 5);
    Revision next = Samples.revision(first.id(), 2);
    ledger().putPool(poolOf(first, 2, next, next), Samples.document(first));
    ledger().putPool(poolOf(first, 3, first.active(), next), Samples.document(first));
    assertThat(ledger().pool(first.id())).contains(poolOf(first, 3, next, next));
    ledger().putPool(poolOf(first, 4, null, next), Samples.document(first));
    assertThat(ledger().pool(first.id())).contains(poolOf(first, 4, next, next));
  }

  private static PoolRecord poolOf(
      PoolRecord first, int generation, @Nullable Revision active, Revision desired) {
    return Samples.pool(first.id(), first.name(), generation, 5, active, desired);
  }

  @Test
  void deletingPoolStaysDeleting() {
    PoolRecord pool = putPool(1, 5);
    PoolRecord deleting = Samples.with(pool, PoolRecord.Provisioning.deleted());
    assertThat(ledger().updatePool(deleting)).isTrue();
    assertThat(ledger().updatePool(pool)).isFalse();
    assertThat(ledger().updatePool(deleting)).isTrue();
    assertThat(ledger().pool(pool.id())).contains(deleting);
  }

  @Test
  void whatLiesBelowAPoolGoesWithItAndNothingElse() {
    var pool = Samples.pool(1, 3);
    String below = pool.resourceId() + "/settings/default";
    String sibling = pool.resourceId() + "2/settings/default";
    ledger().putPool(pool, Samples.document(pool));
    ledger().putResource(Samples.resource(below, TYPE));
    ledger().putResource(Samples.resource(sibling, TYPE));

    ledger().deletePool(pool.id());

    assertThat(ledger().resource(pool.resourceId())).isEmpty();
    assertThat(ledger().resource(below)).isEmpty();
    assertThat(ledger().resource(sibling)).isPresent();
  }

  @Test
  void poolWithSandboxesIsNotDeleted() {
    PoolRecord pool = putPool(1, 5);
    SandboxId sandbox = ready(1, pool);
    assertThatThrownBy(() -> ledger().deletePool(pool.id()))
        .isInstanceOf(IllegalStateException.class);
    claimed(pool, "user-1");
    ledger().markGone(sandbox, NOW);
    ledger().deletePool(pool.id());
    ledger().deletePool(pool.id());
    assertThat(ledger().pools()).isEmpty();
    assertThat(ledger().resource(pool.resourceId())).isEmpty();
    assertThat(ledger().sandboxes()).hasSize(1);
    assertThat(putPool(1, 5)).isEqualTo(pool);
  }

  @Test
  void takenIdOrSlotIsRefusedUntilForgotten() {
    PoolRecord pool = putPool(1, 5);
    SandboxId first = start(1, pool);
    ledger().markGone(first, NOW);
    SandboxRecord again = Samples.starting(1, pool.desired().id(), pool.network());
    SandboxRecord sameSlot = withId(again, sandboxId(2));
    assertThatThrownBy(() -> ledger().recordStarting(again))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> ledger().recordStarting(sameSlot))
        .isInstanceOf(IllegalStateException.class);
    ledger().forget(List.of(sandboxId(2)));
    assertThat(ledger().sandboxes()).hasSize(1);
    ledger().forget(List.of(first, sandboxId(2)));
    assertThat(ledger().sandboxes()).isEmpty();
    ledger().recordStarting(sameSlot);
    assertThat(ledger().sandboxes()).containsExactly(sameSlot);
  }

  private static SandboxRecord withId(SandboxRecord sandbox, SandboxId id) {
    return new SandboxRecord(
        id,
        sandbox.revision(),
        sandbox.slot(),
        sandbox.network(),
        sandbox.memoryBytes(),
        sandbox.targetPort(),
        sandbox.liveness(),
        sandbox.state(),
        null,
        null,
        sandbox.createdAt(),
        null,
        null,
        null,
        null,
        null);
  }

  @Test
  void forgetsOnlyTheGone() {
    PoolRecord pool = putPool(1, 5);
    start(1, pool);
    ready(2, pool);
    claimed(pool, "user-1");
    ledger().markStopping(start(3, pool), "x", NOW);
    ledger().forget(List.of(sandboxId(1), sandboxId(2), sandboxId(3)));
    assertThat(ledger().sandboxes()).hasSize(3);
  }

  @Test
  void theClaimCountIsRaisedAndNeverLowered() {
    ledger().raiseClaimCount(7);
    ledger().raiseClaimCount(3);
    ledger().touch();
    assertThat(ledger().claimCount()).isEqualTo(7);
    PoolRecord pool = putPool(1, 5);
    ready(1, pool);
    claimed(pool, "user-1");
    assertThat(ledger().claimCount()).isEqualTo(8);
  }

  @Test
  void everySandboxStartsAtStarting() {
    PoolRecord pool = putPool(1, 5);
    SandboxId id = ready(1, pool);
    SandboxRecord ready = stored(id);
    ledger().markGone(id, NOW);
    ledger().forget(List.of(id));
    assertThatThrownBy(() -> ledger().recordStarting(ready))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void lifeIsOneWay() {
    PoolRecord pool = putPool(1, 5);
    SandboxId id = start(1, pool);
    assertThat(stored(id).state()).isEqualTo(SandboxState.STARTING);
    assertThat(ledger().markReady(id, "first", NOW)).isTrue();
    assertThat(ledger().markReady(id, "second", NOW)).isFalse();
    assertThat(stored(id).address()).isEqualTo("first");
    claimed(pool, "user-1");
    assertThat(ledger().markReady(id, "third", NOW)).isFalse();
    assertThat(ledger().markStopping(id, "idle", NOW)).isTrue();
    assertThat(ledger().markStopping(id, "again", NOW)).isFalse();
    assertThat(ledger().markReady(id, "fourth", NOW)).isFalse();
    ledger().markGone(id, NOW.plusSeconds(1));
    ledger().markGone(id, NOW.plusSeconds(2));
    assertThat(ledger().markReady(id, "fifth", NOW)).isFalse();
    assertThat(ledger().markStopping(id, "late", NOW)).isFalse();
    SandboxRecord gone = stored(id);
    assertThat(gone.state()).isEqualTo(SandboxState.GONE);
    assertThat(gone.endReason()).isEqualTo("idle");
    assertThat(gone.endedAt()).isEqualTo(NOW.plusSeconds(1));
  }

  @Test
  void whatASessionHoldsIsNotRetired() {
    PoolRecord pool = putPool(1, 5);
    SandboxId held = ready(1, pool);
    claimed(pool, "user-1");
    SandboxId ready = ready(2, pool);
    SandboxId starting = start(3, pool);
    assertThat(ledger().markRetired(held, "too many", NOW)).isFalse();
    assertThat(stored(held).state()).isEqualTo(SandboxState.ALLOCATED);
    assertThat(ledger().markRetired(ready, "too many", NOW)).isTrue();
    assertThat(ledger().markRetired(ready, "again", NOW)).isFalse();
    assertThat(ledger().markRetired(starting, "too many", NOW)).isTrue();
    assertThat(stored(ready).state()).isEqualTo(SandboxState.STOPPING);
    assertThat(stored(ready).endReason()).isEqualTo("too many");
    assertThat(ledger().markRetired(sandboxId(77), "unknown", NOW)).isFalse();
  }

  @Test
  void whatASandboxMayReachIsRecordedAndGoneByInClaims() {
    PoolRecord open = Samples.with(Samples.pool(1, 5), NetworkStatus.EGRESS_ENABLED);
    ledger().putPool(open, Samples.document(open));
    SandboxId held = ready(1, open);
    claimed(open, "user-1");
    SandboxId ready = ready(2, open);

    ledger().markNetwork(held, NetworkStatus.EGRESS_DISABLED);
    ledger().markNetwork(ready, NetworkStatus.EGRESS_DISABLED);
    ledger().markNetwork(sandboxId(77), NetworkStatus.EGRESS_DISABLED);

    assertThat(stored(held).network()).isEqualTo(NetworkStatus.EGRESS_DISABLED);
    assertThat(stored(held).state()).isEqualTo(SandboxState.ALLOCATED);
    assertThat(ledger().claim(new SessionKey(open.id(), "user-2"), NOW))
        .isInstanceOf(ClaimResult.NoneReady.class);
  }

  @Test
  void stepsMayBeLeftOut() {
    PoolRecord pool = putPool(1, 5);
    SandboxId starting = start(1, pool);
    SandboxId ready = ready(2, pool);
    assertThat(ledger().markStopping(starting, "failed", NOW)).isTrue();
    ledger().markGone(ready, NOW);
    assertThat(stored(starting).state()).isEqualTo(SandboxState.STOPPING);
    assertThat(stored(ready).state()).isEqualTo(SandboxState.GONE);
    assertThat(ledger().markReady(starting, "late", NOW)).isFalse();
    assertThat(ledger().sandboxes(pool.id()))
        .extracting(SandboxRecord::id)
        .containsExactly(starting);
    assertThat(ledger().sandboxes()).hasSize(2);
  }

  @Test
  void unknownSandboxesArePassedOver() {
    SandboxId unknown = sandboxId(77);
    assertThat(ledger().sandbox(unknown)).isEmpty();
    assertThat(ledger().markReady(unknown, "a", NOW)).isFalse();
    assertThat(ledger().markStopping(unknown, "a", NOW)).isFalse();
    ledger().markGone(unknown, NOW);
    ledger().noteActivity(Map.of(unknown, NOW));
    assertThat(ledger().sandboxes()).isEmpty();
  }

  @Test
  void activityIsNotedForSessionsAndNeverGoesBack() {
    PoolRecord pool = putPool(1, 5);
    SandboxId held = ready(1, pool);
    SandboxId ready = ready(2, pool);
    Instant claimed = NOW.plusSeconds(100);
    claimed(pool, "user-1");
    ledger().noteActivity(Map.of(held, claimed.plusNanos(5), ready, claimed));
    ledger().noteActivity(Map.of(held, claimed));
    assertThat(stored(held).lastActiveAt()).isEqualTo(claimed.plusNanos(5));
    assertThat(stored(ready).lastActiveAt()).isNull();
    ledger().markStopping(held, "x", NOW);
    ledger().noteActivity(Map.of(held, claimed.plusSeconds(9)));
    assertThat(stored(held).lastActiveAt()).isEqualTo(claimed.plusNanos(5));
  }

  @Test
  void sandboxesOfAPoolAreThatPools() {
    PoolRecord pool = putPool(1, 5);
    PoolRecord other = putPool(2, 5);
    start(1, pool);
    start(2, other.desired().id(), NetworkStatus.EGRESS_ENABLED);
    assertThat(ledger().sandboxes(other.id()))
        .containsExactly(Samples.starting(2, other.desired().id(), NetworkStatus.EGRESS_ENABLED));
  }

  @Test
  void countsAreOfTheLivingSandboxesOfThePoolsAskedFor() {
    PoolRecord pool = putPool(1, 5);
    PoolRecord other = putPool(2, 5);
    PoolRecord empty = putPool(3, 5);
    start(1, pool);
    start(2, pool);
    ready(3, pool);
    SandboxId gone = start(4, pool);
    ledger().markStopping(gone, "x", NOW);
    ledger().markGone(gone, NOW);
    start(5, other);

    assertThat(ledger().counts(List.of(pool.id(), empty.id())))
        .containsExactlyInAnyOrder(
            new SandboxCount(pool.desired().id(), pool.network(), SandboxState.STARTING, 2),
            new SandboxCount(pool.desired().id(), pool.network(), SandboxState.READY, 1));
    assertThat(ledger().counts(List.of())).isEmpty();
  }
}
