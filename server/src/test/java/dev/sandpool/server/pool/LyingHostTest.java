package dev.sandpool.server.pool;

import static dev.sandpool.server.pool.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Isolation;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.SandboxDamage;
import dev.sandpool.server.engine.SandboxDamage.Consequence;
import dev.sandpool.server.engine.SimulatedHost;
import dev.sandpool.server.ledger.ClaimMark;
import dev.sandpool.server.ledger.ClaimResult;
import dev.sandpool.server.ledger.MemoryLedger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.lifecycle.LifecycleEvent.Kind;
import dev.sandpool.server.time.VirtualTime;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The host is not as it was left: each lie is found out, told once and mended. */
class LyingHostTest {
  private static final PoolId POOL = new PoolId("poolaaaaaa");
  private static final SessionKey USER = new SessionKey(POOL, "user-1");
  private static final int READY = 3;

  private final VirtualTime time = new VirtualTime();
  private final SimulatedHost host = new SimulatedHost();
  private final ClaimMark mark = ClaimMark.inMemory();
  private MemoryLedger ledger = new MemoryLedger();
  private KeeperWorld world;

  LyingHostTest() {
    mark.set(0);
    world = new KeeperWorld(ledger, host, time, 1, new KeeperWorld.Found(mark, false));
    PoolRecord pool = TestPools.pool(POOL, 10, READY, Duration.ofMinutes(5), time.now());
    ledger.putPool(pool, TestPools.document(pool));
    world.keeper.changed(POOL);
    untilReady();
  }

  @AfterEach
  void close() {
    world.close();
    host.close();
  }

  private void restart(MemoryLedger found, boolean rebooted, ClaimMark foundMark) {
    world.close();
    ledger = found;
    world = new KeeperWorld(found, host, time, 2, new KeeperWorld.Found(foundMark, rebooted));
  }

  private SandboxId claim() {
    var claimed = (ClaimResult.Claimed) ledger.claim(USER, time.now());
    mark.advance();
    world.keeper.replenish(POOL);
    return claimed.sandbox().id();
  }

  @Test
  void anOlderCopyOfTheLedgerOffersNobodyASandboxThatHasServed() {
    MemoryLedger copy = MemoryLedger.copyOf(ledger);
    SandboxId served = claim();
    Set<SandboxId> calledReady = ids(copy, SandboxState.READY);
    assertThat(calledReady).as("the copy does not know of the claim").contains(served);

    restart(copy, false, mark);

    untilReady();
    assertThat(ids(ledger, SandboxState.READY)).doesNotContainAnyElementsOf(calledReady);
    assertThat(running()).doesNotContainAnyElementsOf(calledReady);
    assertThat(world.events.count(Kind.LEDGER_RESTORED)).isEqualTo(1);
    assertThat(ledger.claimCount()).as("goes on from the newest").isEqualTo(1);
  }

  @Test
  void aLedgerThatIsTheNewestIsBelievedAlsoAfterOneThatWasNot() {
    restart(MemoryLedger.copyOf(ledger), false, mark);
    Set<SandboxId> ready = ids(ledger, SandboxState.READY);
    assertThat(ready).hasSize(READY);
    MemoryLedger copy = MemoryLedger.copyOf(ledger);
    claim();
    restart(copy, false, mark);
    untilReady();
    Set<SandboxId> replaced = ids(ledger, SandboxState.READY);
    assertThat(replaced).doesNotContainAnyElementsOf(ready);

    restart(ledger, false, mark);

    assertThat(ids(ledger, SandboxState.READY)).isEqualTo(replaced);
    assertThat(world.events.count(Kind.LEDGER_RESTORED)).isZero();
  }

  @Test
  void aCounterThatIsGoneIsNoReasonToBelieve() {
    Set<SandboxId> before = ids(ledger, SandboxState.READY);
    restart(ledger, false, ClaimMark.inMemory());
    untilReady();
    assertThat(ids(ledger, SandboxState.READY)).doesNotContainAnyElementsOf(before);
    assertThat(world.events.count(Kind.LEDGER_RESTORED)).isEqualTo(1);
  }

  @Test
  void afterABootNothingIsAdopted() {
    SandboxId held = claim();
    untilReady();
    restart(ledger, true, ClaimMark.inMemory());
    assertThat(world.sessions.list(POOL)).isEmpty();
    assertThat(running()).doesNotContain(held);
    assertThat(world.events.count(Kind.HOST_REBOOTED)).isEqualTo(1);
    assertThat(world.events.count(Kind.SANDBOX_LOST)).isEqualTo(READY + 1);
    untilReady();
  }

  /** An operator has asked for more than before, or the host has come to have more. */
  @Test
  void whatWasStartedBehindLessIsGivenToNobodyNewAndItsSessionGoesOn() {
    SandboxId held = claim();
    untilReady();
    Set<SandboxId> weaker = ids(ledger, SandboxState.READY);

    host.isolation(Isolation.MICROVM);
    restart(ledger, false, mark);

    assertThat(world.sessions.list(POOL)).hasSize(1);
    assertThat(running()).contains(held).doesNotContainAnyElementsOf(weaker);
    untilReady();
    assertThat(ids(ledger, SandboxState.READY)).doesNotContainAnyElementsOf(weaker);
  }

  /** The engine was killed, and what it finds on its host now is less than what is shown. */
  @Test
  void whatTheEngineStartsBehindLessThanTheServerShowsIsOfferedToNobody() {
    host.isolation(Isolation.CONTAINER);
    claim();
    until(() -> world.keeper.condition(POOL).problem() != null);
    assertThat(Objects.requireNonNull(world.keeper.condition(POOL).problem()).message())
        .contains("has container", "shows gvisor", "start the server again");
    assertThat(ids(ledger, SandboxState.READY)).hasSize(READY - 1);

    host.isolation(Isolation.GVISOR);
    until(
        () -> {
          time.advance(Duration.ofSeconds(1));
          world.keeper.changed(POOL);
          return ids(ledger, SandboxState.READY).size() == READY;
        });
  }

  @Test
  void whatWasStartedBehindMoreIsAdopted() {
    Set<SandboxId> stronger = ids(ledger, SandboxState.READY);
    host.isolation(Isolation.CONTAINER);
    restart(ledger, false, mark);
    assertThat(ids(ledger, SandboxState.READY)).isEqualTo(stronger);
  }

  @Test
  void aSandboxThatCannotBeReachedAnyMoreIsReplaced() {
    SandboxId broken = ids(ledger, SandboxState.READY).iterator().next();
    host.damage(List.of(new SandboxDamage(broken, Consequence.BROKEN, "its interface is gone")));
    world.keeper.lookAtHost();
    world.keeper.lookAtHost();
    until(() -> !running().contains(broken));
    untilReady();
    assertThat(world.events.count(Kind.SANDBOX_DAMAGED)).as("told once").isEqualTo(1);
  }

  @Test
  void aWornSandboxServesItsSessionAndNobodyElse() {
    SandboxId held = claim();
    untilReady();
    SandboxId free = ids(ledger, SandboxState.READY).iterator().next();
    host.damage(
        List.of(
            new SandboxDamage(held, Consequence.WORN, "its root is not mounted"),
            new SandboxDamage(free, Consequence.WORN, "its root is not mounted")));
    world.keeper.lookAtHost();
    world.keeper.lookAtHost();
    until(() -> !running().contains(free));
    untilReady();
    assertThat(running()).contains(held);
    assertThat(world.events.count(Kind.SANDBOX_DAMAGED)).as("each told once").isEqualTo(2);
  }

  @Test
  void aMendedSandboxStays() {
    SandboxId mended = ids(ledger, SandboxState.READY).iterator().next();
    host.damage(List.of(new SandboxDamage(mended, Consequence.MENDED, "its name was gone")));
    world.keeper.lookAtHost();
    assertThat(world.events.count(Kind.SANDBOX_DAMAGED)).isEqualTo(1);
    assertThat(ids(ledger, SandboxState.READY)).contains(mended);
  }

  @Test
  void aLedgerThatCannotBeWrittenIsToldOnceAndItsReturnToo() {
    ledger.setWritable(false);
    world.keeper.lookAtHost();
    world.keeper.lookAtHost();
    assertThat(world.events.count(Kind.LEDGER_UNWRITABLE)).isEqualTo(1);
    assertThat(world.events.count(Kind.LEDGER_WRITABLE)).isZero();
    ledger.setWritable(true);
    world.keeper.lookAtHost();
    assertThat(world.events.count(Kind.LEDGER_WRITABLE)).isEqualTo(1);
  }

  @Test
  void aFullDiskIsToldOnceAndItsRoomToo() {
    world.usableBytes.set(1 << 20);
    world.keeper.lookAtHost();
    world.keeper.lookAtHost();
    world.usableBytes.set(1L << 30);
    world.keeper.lookAtHost();
    assertThat(world.events.count(Kind.DISK_FULL)).isEqualTo(1);
    assertThat(world.events.count(Kind.DISK_HAS_ROOM)).isEqualTo(1);
  }

  @Test
  void aClockSetByAnHourEndsNoSessionAndNoRestOfASlot() {
    SandboxId held = claim();
    for (Duration step : List.of(Duration.ofHours(1), Duration.ofHours(-2))) {
      time.step(step);
      world.sessions.reap();
      world.keeper.lookAtHost();
    }
    assertThat(running()).contains(held);
    assertThat(world.events.count(Kind.CLOCK_STEPPED)).isEqualTo(2);
    time.advance(Duration.ofHours(1));
    world.keeper.lookAtHost();
    assertThat(world.events.count(Kind.CLOCK_STEPPED)).as("time that passes").isEqualTo(2);
  }

  @Test
  void anExitIsToldOnce() {
    SandboxId victim = ids(ledger, SandboxState.READY).iterator().next();
    host.exit(victim, 137, false);
    untilReady();
    until(() -> world.events.count(Kind.SANDBOX_DIED) == 1);
  }

  private Set<SandboxId> running() {
    Set<SandboxId> running = new HashSet<>();
    world.engine.running().forEach(sandbox -> running.add(sandbox.id()));
    return running;
  }

  private static Set<SandboxId> ids(MemoryLedger ledger, SandboxState state) {
    Set<SandboxId> ids = new HashSet<>();
    for (SandboxRecord record : ledger.sandboxes(POOL)) {
      if (record.state() == state) {
        ids.add(record.id());
      }
    }
    return ids;
  }

  private void untilReady() {
    until(() -> ids(ledger, SandboxState.READY).size() == READY);
  }
}
