package dev.sandpool.server.pool;

import static dev.sandpool.server.pool.Eventually.awaitQuietly;
import static dev.sandpool.server.pool.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.SandboxStartException;
import dev.sandpool.server.engine.SimulatedHost;
import dev.sandpool.server.image.FakeImageStore;
import dev.sandpool.server.image.ImageException;
import dev.sandpool.server.ledger.MemoryLedger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.ProvisioningState;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.session.Allocation;
import dev.sandpool.server.session.Upstream;
import dev.sandpool.server.time.VirtualTime;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the keeper does when things go wrong, and what it says. */
class PoolKeeperTest {
  private static final PoolId POOL = new PoolId("poolaaaaaa");
  private static final Duration COOLDOWN = Duration.ofMinutes(5);

  private final VirtualTime time = new VirtualTime();
  private final MemoryLedger ledger = new MemoryLedger();
  private final SimulatedHost host = new SimulatedHost();
  private final KeeperWorld world = new KeeperWorld(ledger, host, time, 1);

  @AfterEach
  void close() {
    world.close();
    host.close();
  }

  @Test
  void createSucceedsWhenTheAskedNumberIsReady() {
    put(TestPools.pool(POOL, 10, 3, COOLDOWN, time.now()));
    until(() -> state() == ProvisioningState.SUCCEEDED);
    assertThat(ready()).isEqualTo(3);
    assertThat(world.keeper.condition(POOL).phase()).isEqualTo("ready");
  }

  @Test
  void aClaimIsFollowedByAReplacement() throws InterruptedException {
    put(TestPools.pool(POOL, 10, 3, COOLDOWN, time.now()));
    until(() -> ready() == 3);
    assertThat(allocate("user-1")).isInstanceOf(Allocation.Held.class);
    until(() -> ready() == 3 && count(SandboxState.ALLOCATED) == 1);
  }

  @Test
  void aWaitingRequestGetsTheSandboxThatBecomesReady() throws InterruptedException {
    put(TestPools.pool(POOL, 10, 0, COOLDOWN, time.now()));
    until(() -> state() == ProvisioningState.SUCCEEDED);
    assertThat(allocate("user-1")).isInstanceOf(Allocation.Held.class);
  }

  @Test
  void aFullPoolSaysSo() throws InterruptedException {
    put(TestPools.pool(POOL, 1, 1, COOLDOWN, time.now()));
    until(() -> ready() == 1);
    assertThat(allocate("user-1")).isInstanceOf(Allocation.Held.class);
    assertThat(allocate("user-2")).isEqualTo(new Allocation.Full<>(1));
    assertThat(allocate("user-1")).isInstanceOf(Allocation.Held.class);
  }

  @Test
  void aPullThatCannotSucceedFailsTheCreateAtOnceWithItsCause() {
    world.images.breakImage(
        "image:1", new ImageException(ImageException.Cause.NOT_FOUND, "no such tag: image:1"));
    put(TestPools.pool(POOL, 10, 3, COOLDOWN, time.now()));
    until(() -> state() == ProvisioningState.FAILED);
    assertThat(pool().provisioning().code()).isEqualTo("ImagePullFailed");
    assertThat(pool().provisioning().message()).contains("no such tag: image:1");
    assertThat(host.starts()).isZero();
    assertThat(world.keeper.whyNoneReady(POOL)).contains("no such tag");
  }

  @Test
  void aRegistryThatIsDownIsTriedAgain() {
    world.images.breakImage(
        "image:1",
        new ImageException(ImageException.Cause.REGISTRY_UNREACHABLE, "connection refused"));
    put(TestPools.pool(POOL, 10, 3, COOLDOWN, time.now()));
    until(() -> world.keeper.condition(POOL).problem() != null);
    world.images.mendImage("image:1");
    time.advance(Duration.ofSeconds(1));
    world.keeper.changed(POOL);
    until(() -> state() == ProvisioningState.SUCCEEDED);
  }

  @Test
  void anEntryPointThatIsMissingFailsTheCreateAtOnce() {
    host.onStart(
        spec -> {
          throw new SandboxStartException(
              SandboxStartException.Cause.IMAGE, "/nonexistent: no such file");
        });
    put(TestPools.pool(POOL, 10, 3, COOLDOWN, time.now()));
    until(() -> state() == ProvisioningState.FAILED);
    assertThat(pool().provisioning().code()).isEqualTo("ContainerStartFailed");
    assertThat(pool().provisioning().message()).contains("/nonexistent");
    until(() -> host.everStarted().isEmpty() && ledger.sandboxes(POOL).isEmpty());
  }

  @Test
  void aStartThatFailsUnforeseenIsNotRepeatedWithoutAPause() {
    host.onStart(
        spec -> {
          throw new IllegalStateException("an image that breaks the engine");
        });
    put(TestPools.pool(POOL, 10, 3, COOLDOWN, time.now()));
    until(() -> state() == ProvisioningState.FAILED);
    until(() -> ledger.sandboxes(POOL).isEmpty());
    assertThat(pool().provisioning().message()).contains("breaks the engine");
    assertThat(host.starts()).isLessThan(10);
  }

  @Test
  void aRevisionThatCannotStartNeverTakesDownTheOneThatServes() throws InterruptedException {
    put(TestPools.pool(POOL, 10, 3, COOLDOWN, time.now()));
    until(() -> state() == ProvisioningState.SUCCEEDED);
    host.onStart(
        spec -> {
          if (spec.imageDigest().equals(FakeImageStore.digestOf("image:2"))) {
            throw new SandboxStartException(SandboxStartException.Cause.IMAGE, "broken");
          }
        });
    put(TestPools.updated(pool(), "image:2", time.now()));
    until(() -> state() == ProvisioningState.FAILED);
    until(() -> ready() == 3);
    assertThat(Objects.requireNonNull(pool().active()).image()).isEqualTo("image:1");
    assertThat(allocate("user-1")).isInstanceOf(Allocation.Held.class);

    put(TestPools.updated(pool(), "image:3", time.now()));
    until(() -> state() == ProvisioningState.SUCCEEDED);
    assertThat(Objects.requireNonNull(pool().active()).image()).isEqualTo("image:3");
    until(() -> ready() == 3 && count(SandboxState.ALLOCATED) == 1);
  }

  @Test
  void growingAndShrinkingFollowsWithoutTouchingSessions() throws InterruptedException {
    put(TestPools.pool(POOL, 10, 2, COOLDOWN, time.now()));
    until(() -> ready() == 2);
    assertThat(allocate("user-1")).isInstanceOf(Allocation.Held.class);
    put(TestPools.resized(pool(), 20, 6, time.now()));
    until(() -> ready() == 6);
    put(TestPools.resized(pool(), 1, 1, time.now()));
    until(() -> ready() == 0 && count(SandboxState.ALLOCATED) == 1);
  }

  @Test
  void deletingEndsSessionsAndFreesEverything() throws InterruptedException {
    put(TestPools.pool(POOL, 10, 3, COOLDOWN, time.now()));
    until(() -> ready() == 3);
    assertThat(allocate("user-1")).isInstanceOf(Allocation.Held.class);
    PoolRecord deleted = pool().withProvisioning(PoolRecord.Provisioning.deleted());
    ledger.putPool(deleted, TestPools.document(deleted));
    world.keeper.changed(POOL);
    until(() -> ledger.pool(POOL).isEmpty());
    assertThat(world.engine.running()).isEmpty();
    assertThat(world.sessions.list(POOL)).isEmpty();
    assertThat(allocate("user-1")).isInstanceOf(Allocation.NoPool.class);
  }

  @Test
  void aReadySandboxThatDiesIsReplaced() {
    put(TestPools.pool(POOL, 10, 3, COOLDOWN, time.now()));
    until(() -> ready() == 3);
    host.exit(ledger.sandboxes(POOL).getFirst().id(), 137, true);
    until(() -> host.starts() == 4 && ready() == 3);
    assertThat(Objects.requireNonNull(world.keeper.condition(POOL).problem()).message())
        .contains("ran out of memory");
  }

  @Test
  void aSandboxEndsThoughItsConnectionsCannotBeClosedAtOnce() {
    put(TestPools.pool(POOL, 10, 1, COOLDOWN, time.now()));
    until(() -> ready() == 1);
    world.failingNotices.set(1);
    world.keeper.stopAll(Duration.ofSeconds(30));
    assertThat(world.engine.running()).isEmpty();
  }

  @Test
  void aSandboxThatCannotBeReclaimedKeepsItsSlotUntilItIsGone() {
    put(TestPools.pool(POOL, 10, 1, COOLDOWN, time.now()));
    until(() -> ready() == 1);
    SandboxId lost = ledger.sandboxes(POOL).getFirst().id();
    world.close();
    ledger.markStopping(lost, "the server was killed while it ended", time.now());
    host.failStops(2);
    try (var next = new KeeperWorld(ledger, host, time, 2)) {
      until(() -> ledger.sandbox(lost).orElseThrow().state() == SandboxState.GONE);
      assertThat(next.engine.running()).noneMatch(running -> running.id().equals(lost));
    }
  }

  @Test
  void aServerThatIsToLeaveNoneReplacesNone() {
    put(TestPools.pool(POOL, 10, 3, COOLDOWN, time.now()));
    until(() -> ready() == 3);
    world.keeper.stopAll(Duration.ofSeconds(30));
    world.keeper.changed(POOL);
    until(() -> "the server stops".equals(world.keeper.whyNoneReady(POOL)));
    assertThat(world.engine.running()).isEmpty();
    assertThat(ledger.sandboxes(POOL)).isEmpty();
  }

  @Test
  void aStartThatIsEndedBeforeItBeginsLeavesNothingOnTheHost() {
    // One start holds the whole width's worth of threads until the pool has shrunk under it.
    var gate = new CountDownLatch(1);
    host.onStart(spec -> awaitQuietly(gate));
    put(TestPools.pool(POOL, 10, 8, COOLDOWN, time.now()));
    until(() -> ledger.sandboxes(POOL).size() == 8);
    put(TestPools.resized(pool(), 10, 1, time.now()));
    until(() -> count(SandboxState.STOPPING) >= 7);
    gate.countDown();
    until(() -> ready() == 1 && ledger.sandboxes(POOL).size() == 1);
    assertThat(world.engine.running()).hasSize(1);
  }

  private void put(PoolRecord pool) {
    ledger.putPool(pool, TestPools.document(pool));
    world.keeper.changed(pool.id());
  }

  private PoolRecord pool() {
    return ledger.pool(POOL).orElseThrow();
  }

  private ProvisioningState state() {
    return pool().provisioning().state();
  }

  private long ready() {
    return count(SandboxState.READY);
  }

  private long count(SandboxState state) {
    return ledger.sandboxes(POOL).stream().filter(s -> s.state() == state).count();
  }

  private Allocation<Upstream> allocate(String identifier) throws InterruptedException {
    // Virtual time stands still, so this deadline never passes: it waits for the sandbox.
    return world.sessions.allocate(new SessionKey(POOL, identifier), Duration.ofSeconds(30));
  }
}
