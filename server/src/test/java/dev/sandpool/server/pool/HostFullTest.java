package dev.sandpool.server.pool;

import static dev.sandpool.server.pool.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.SimulatedHost;
import dev.sandpool.server.ledger.ClaimResult;
import dev.sandpool.server.ledger.MemoryLedger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.pool.Pools.Problem;
import dev.sandpool.server.time.VirtualTime;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pools that together ask for more than the host may give. */
class HostFullTest {
  private static final PoolId FIRST = new PoolId("poolaaaaaa");
  private static final PoolId SECOND = new PoolId("poolbbbbbb");
  private static final Duration COOLDOWN = Duration.ofMinutes(5);
  private static final long MIB = 1 << 20;

  /** 64 MiB of the pools' template, and what the engine needs. */
  private static final long EACH = 80 * MIB;

  private final VirtualTime time = new VirtualTime();
  private final MemoryLedger ledger = new MemoryLedger();
  private final SimulatedHost host = new SimulatedHost().overhead(16 * MIB);
  private KeeperWorld world = world(new KeeperWorld.Size(4096, 3 * EACH + 79 * MIB));

  private KeeperWorld world(KeeperWorld.Size size) {
    return new KeeperWorld(ledger, host, time, 1, KeeperWorld.Found.asLeft(), Duration.ZERO, size);
  }

  private void restart(KeeperWorld.Size size) {
    world.close();
    world = world(size);
  }

  @AfterEach
  void close() {
    world.close();
    host.close();
  }

  @Test
  void whatDoesNotFitIsNotStartedAndThePoolSaysSoWithTheNumbers() {
    put(TestPools.pool(FIRST, 10, 5, COOLDOWN, time.now()));
    until(() -> ready(FIRST) == 3 && problem(FIRST) != null);

    assertThat(problem(FIRST))
        .isEqualTo(
            new Problem(
                "HostFull",
                "host is full: 240 MiB of 319 MiB (limits.host.memory) are reserved by 3"
                    + " sandboxes, one more needs 80 MiB",
                false));
    assertThat(host.starts()).isEqualTo(3);
    assertThat(world.keeper.room().memoryReserved()).isEqualTo(3 * EACH);
  }

  @Test
  void poolsShareTheHostAndWhatOneGivesBackAnotherGets() {
    put(TestPools.pool(FIRST, 2, 2, COOLDOWN, time.now()));
    until(() -> ready(FIRST) == 2);
    put(TestPools.pool(SECOND, 2, 2, COOLDOWN, time.now()));
    until(() -> ready(SECOND) == 1 && problem(SECOND) != null);
    assertThat(problem(FIRST)).as("it has what it asks for").isNull();

    put(pool(FIRST).withProvisioning(PoolRecord.Provisioning.deleted()));

    until(() -> ready(SECOND) == 2);
    until(() -> problem(SECOND) == null);
    assertThat(world.keeper.room().memoryReserved()).isEqualTo(2 * EACH);
  }

  @Test
  void oneThatIsEndingHasItsMemoryUntilItIsGone() {
    put(TestPools.pool(FIRST, 3, 3, COOLDOWN, time.now()));
    until(() -> ready(FIRST) == 3);
    host.failStops(1000);
    SandboxId ending = ledger.sandboxes(FIRST).getFirst().id();

    assertThat(world.keeper.destroy(ending, "a test ends it", Duration.ofMillis(1))).isFalse();
    until(() -> ready(FIRST) == 2);
    world.keeper.changed(FIRST);

    until(() -> problem(FIRST) != null);
    assertThat(host.starts()).as("while it still may run").isEqualTo(3);
    host.failStops(0);
    until(() -> ready(FIRST) == 3);
    assertThat(host.starts()).isEqualTo(4);
  }

  @Test
  void whatRunsGoesOnUnderALowerLimitAndIsNotReplaced() {
    put(TestPools.pool(FIRST, 10, 3, COOLDOWN, time.now()));
    until(() -> ready(FIRST) == 3);

    restart(new KeeperWorld.Size(4096, EACH));

    assertThat(ready(FIRST)).isEqualTo(3);
    assertThat(ledger.claim(new SessionKey(FIRST, "user-1"), time.now()))
        .isInstanceOf(ClaimResult.Claimed.class);
    world.keeper.changed(FIRST);
    until(() -> problem(FIRST) != null);
    assertThat(Objects.requireNonNull(problem(FIRST)).message())
        .contains("240 MiB of 80 MiB (limits.host.memory)");
    assertThat(host.starts()).isEqualTo(3);
  }

  @Test
  void slotsAreAsManyAsThereAre() {
    restart(new KeeperWorld.Size(2, 1L << 40));
    put(TestPools.pool(FIRST, 10, 3, COOLDOWN, time.now()));
    until(() -> ready(FIRST) == 2 && problem(FIRST) != null);
    assertThat(Objects.requireNonNull(problem(FIRST)).message())
        .isEqualTo("all 2 network slots are taken or resting");
    assertThat(world.keeper.room().memoryReserved()).as("not kept for none").isEqualTo(2 * EACH);
  }

  private void put(PoolRecord pool) {
    ledger.putPool(pool, TestPools.document(pool));
    world.keeper.changed(pool.id());
  }

  private PoolRecord pool(PoolId id) {
    return ledger.pool(id).orElseThrow();
  }

  private @Nullable Problem problem(PoolId pool) {
    return world.keeper.condition(pool).problem();
  }

  private long ready(PoolId pool) {
    return ledger.sandboxes(pool).stream()
        .filter(sandbox -> sandbox.state() == SandboxState.READY)
        .count();
  }
}
