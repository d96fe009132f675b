package dev.sandpool.server.pool;

import static dev.sandpool.server.pool.Eventually.awaitQuietly;
import static dev.sandpool.server.pool.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.engine.SandboxStartException;
import dev.sandpool.server.engine.SimulatedHost;
import dev.sandpool.server.image.FakeImageStore;
import dev.sandpool.server.image.ImageException;
import dev.sandpool.server.ledger.MemoryLedger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.ProvisioningState;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.time.VirtualTime;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an update must not do to the revision that serves. */
class RollingUpdateTest {
  private static final PoolId POOL = new PoolId("poolaaaaaa");
  private static final Duration TRIAL = Duration.ofSeconds(2);

  private final VirtualTime time = new VirtualTime();
  private final MemoryLedger ledger = new MemoryLedger();
  private final SimulatedHost host = new SimulatedHost();
  private final KeeperWorld world =
      new KeeperWorld(ledger, host, time, 1, KeeperWorld.Found.asLeft(), TRIAL);

  @AfterEach
  void close() {
    world.close();
    host.close();
  }

  @Test
  void theServingRevisionsLostImageIsPulledAgainByDigestAfterAFailedRollout() {
    up(3);
    world.images.breakImage(
        "image:2", new ImageException(ImageException.Cause.NOT_FOUND, "no such tag"));
    put(TestPools.updated(pool(), "image:2", time.now()));
    until(() -> state() == ProvisioningState.FAILED);

    String digest = FakeImageStore.digestOf("image:1");
    world.images.remove(digest, Set.of());
    host.exit(anyReady().id(), 1, false);
    until(() -> world.images.find(digest).isPresent() && ready() == 3);
    assertThat(world.images.pulls().getLast().wantedDigest()).contains(digest);
    assertThat(state()).isEqualTo(ProvisioningState.FAILED);
  }

  @Test
  void aServingRevisionsImageIsTriedAgainAfterARefusalThatSomebodyMends() {
    up(2);
    String digest = FakeImageStore.digestOf("image:1");
    world.images.breakImage(
        "image:1", new ImageException(ImageException.Cause.UNAUTHORIZED, "wrong password"));
    world.images.remove(digest, Set.of());
    host.exit(anyReady().id(), 1, false);
    until(() -> world.keeper.condition(POOL).active().pullFailures() > 0);
    world.images.mendImage("image:1");
    until(
        () -> {
          time.advance(Duration.ofSeconds(1));
          world.keeper.changed(POOL);
          return ready() == 2;
        });
  }

  @Test
  void aRevisionThatListensForAMomentAndCrashesTakesNobodysPlace() {
    up(3);
    put(TestPools.updated(pool(), "image:2", time.now()));
    for (int crash = 1; crash <= 3; crash++) {
      until(() -> readyOf(2) == 1);
      assertThat(readyOf(1)).isEqualTo(3);
      assertThat(pool().active()).extracting(it -> it.image()).isEqualTo("image:1");
      time.advance(TRIAL.minusMillis(1));
      SandboxRecord coming = anyOf(2);
      host.exit(coming.id(), 1, false);
      until(() -> ledger.sandbox(coming.id()).orElseThrow().state() == SandboxState.GONE);
      time.advance(Duration.ofSeconds(1));
      world.keeper.changed(POOL);
    }
    until(() -> state() == ProvisioningState.FAILED);
    assertThat(pool().provisioning().code()).isEqualTo("ContainerCrashing");
    until(() -> readyOf(1) == 3 && readyOf(2) == 0);
  }

  @Test
  void whatIsClaimedWhileANewRevisionHangsIsReplacedByWhatServes() throws InterruptedException {
    up(3);
    var never = new CountDownLatch(1);
    String second = FakeImageStore.digestOf("image:2");
    host.onStart(
        spec -> {
          if (spec.imageDigest().equals(second)) {
            awaitQuietly(never);
            throw new SandboxStartException(SandboxStartException.Cause.HOST, "hangs");
          }
        });
    put(TestPools.updated(pool(), "image:2", time.now()));
    until(() -> world.keeper.condition(POOL).desired().starting() == 1);
    for (int caller = 0; caller < 5; caller++) {
      world.sessions.allocate(new SessionKey(POOL, "user-" + caller), Duration.ofSeconds(30));
    }
    until(() -> readyOf(1) == 3);
    assertThat(world.keeper.condition(POOL).desired().starting()).isEqualTo(1);
    never.countDown();
  }

  @Test
  void aRevisionThatHoldsTakesOverAndSessionsKeepTheirs() throws InterruptedException {
    up(3);
    world.sessions.allocate(new SessionKey(POOL, "user-1"), Duration.ofSeconds(30));
    put(TestPools.updated(pool(), "image:2", time.now()));
    until(() -> readyOf(2) == 1);
    time.advance(TRIAL);
    world.keeper.changed(POOL);
    until(() -> state() == ProvisioningState.SUCCEEDED);
    until(() -> readyOf(2) == 3 && readyOf(1) == 0);
    assertThat(Objects.requireNonNull(pool().active()).image()).isEqualTo("image:2");
    assertThat(world.keeper.condition(POOL).allocated()).isEqualTo(1);
    assertThat(ledger.sandboxes(POOL))
        .filteredOn(it -> it.state() == SandboxState.ALLOCATED)
        .allMatch(it -> it.revision().number() == 1);
  }

  @Test
  void imagesOfSessionsOfOlderRevisionsAreInUseToo() throws InterruptedException {
    up(3);
    world.sessions.allocate(new SessionKey(POOL, "user-1"), Duration.ofSeconds(30));
    put(TestPools.updated(pool(), "image:2", time.now()));
    until(() -> readyOf(2) == 1);
    time.advance(TRIAL);
    world.keeper.changed(POOL);
    until(() -> readyOf(2) == 3 && readyOf(1) == 0);
    world.keeper.collectImages();
    assertThat(world.images.collections().getLast())
        .containsExactlyInAnyOrder(
            FakeImageStore.digestOf("image:1"), FakeImageStore.digestOf("image:2"));
  }

  @Test
  void conditionTellsTheFailingRevisionFromTheServingOne() {
    up(3);
    world.images.breakImage(
        "image:2", new ImageException(ImageException.Cause.NOT_FOUND, "no such tag"));
    put(TestPools.updated(pool(), "image:2", time.now()));
    until(() -> state() == ProvisioningState.FAILED);
    until(() -> world.keeper.condition(POOL).active().ready() == 3);
    Pools.RevisionCondition failing = world.keeper.condition(POOL).desired();
    assertThat(failing.pullFailures()).isEqualTo(1);
    assertThat(failing.crashes()).isZero();
    assertThat(Objects.requireNonNull(failing.problem()).message()).isEqualTo("no such tag");
    assertThat(world.keeper.condition(POOL).active().problem()).isNull();
  }

  @Test
  void aPullThatEndsAfterTheChangeWasGivenUpDoesNotUndoThat() {
    up(2);
    var gate = new CountDownLatch(1);
    world.images.onPull(
        request -> {
          if (request.image().equals("image:2")) {
            awaitQuietly(gate);
          }
        });
    put(TestPools.updated(pool(), "image:2", time.now()));
    until(() -> world.keeper.condition(POOL).phase().equals("pulling image"));
    time.advance(Duration.ofMinutes(11));
    world.keeper.changed(POOL);
    until(() -> state() == ProvisioningState.FAILED);
    gate.countDown();
    until(() -> !world.keeper.condition(POOL).phase().equals("pulling image"));
    until(() -> pool().desired().imageDigest() != null);
    assertThat(state()).isEqualTo(ProvisioningState.FAILED);
    assertThat(Objects.requireNonNull(pool().active()).image()).isEqualTo("image:1");
  }

  private void up(int ready) {
    put(TestPools.pool(POOL, 20, ready, Duration.ofMinutes(5), time.now()));
    until(() -> state() == ProvisioningState.SUCCEEDED);
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
    return ledger.sandboxes(POOL).stream().filter(s -> s.state() == SandboxState.READY).count();
  }

  private long readyOf(int revision) {
    return ledger.sandboxes(POOL).stream()
        .filter(s -> s.state() == SandboxState.READY && s.revision().number() == revision)
        .count();
  }

  private SandboxRecord anyReady() {
    return ledger.sandboxes(POOL).getFirst();
  }

  private SandboxRecord anyOf(int revision) {
    return ledger.sandboxes(POOL).stream()
        .filter(s -> s.revision().number() == revision)
        .findFirst()
        .orElseThrow();
  }
}
