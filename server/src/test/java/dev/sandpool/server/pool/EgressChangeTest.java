package dev.sandpool.server.pool;

import static dev.sandpool.server.pool.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.SimulatedHost;
import dev.sandpool.server.ledger.MemoryLedger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.lifecycle.LifecycleEvent.Kind;
import dev.sandpool.server.session.Allocation;
import dev.sandpool.server.session.Upstream;
import dev.sandpool.server.time.VirtualTime;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A policy that is tightened holds for what runs, and rules that are gone hold everything back. */
class EgressChangeTest {
  private static final PoolId POOL = new PoolId("poolaaaaaa");

  private final VirtualTime time = new VirtualTime();
  private final MemoryLedger ledger = new MemoryLedger();
  private final SimulatedHost host = new SimulatedHost();
  private KeeperWorld world = new KeeperWorld(ledger, host, time, 1);

  @AfterEach
  void close() {
    world.close();
    host.close();
  }

  @Test
  void aSessionLosesItsEgressAndKeepsItsSandbox() throws Exception {
    SandboxId held = openPoolWithASession();

    put(NetworkStatus.EGRESS_DISABLED);

    until(() -> host.networkOf(held).equals(Optional.of(NetworkStatus.EGRESS_DISABLED)));
    until(() -> record(held).network() == NetworkStatus.EGRESS_DISABLED);
    assertThat(record(held).state()).isEqualTo(SandboxState.ALLOCATED);
  }

  @Test
  void readySandboxesAreReplacedByOnesWithoutEgress() throws Exception {
    SandboxId held = openPoolWithASession();

    put(NetworkStatus.EGRESS_DISABLED);

    until(
        () ->
            ledger.sandboxes(POOL).size() == 3
                && ledger.sandboxes(POOL).stream()
                    .filter(one -> !one.id().equals(held))
                    .allMatch(this::readyWithoutEgress));
    Allocation<Upstream> next = allocate("user-2");
    assertThat(next)
        .isInstanceOfSatisfying(
            Allocation.Held.class,
            got ->
                assertThat(host.networkOf(got.entry().sandbox()))
                    .contains(NetworkStatus.EGRESS_DISABLED));
  }

  private boolean readyWithoutEgress(SandboxRecord one) {
    return one.state() == SandboxState.READY
        && one.network() == NetworkStatus.EGRESS_DISABLED
        && host.networkOf(one.id()).equals(Optional.of(NetworkStatus.EGRESS_DISABLED));
  }

  @Test
  void aChangeThatFailsIsTriedUntilItHolds() throws Exception {
    SandboxId held = openPoolWithASession();
    host.failNetworks(4);

    put(NetworkStatus.EGRESS_DISABLED);

    until(() -> host.networkOf(held).equals(Optional.of(NetworkStatus.EGRESS_DISABLED)));
  }

  @Test
  void aServerThatWasKilledInBetweenGoesOn() throws Exception {
    SandboxId held = openPoolWithASession();
    world.close();
    PoolRecord closed = TestPools.with(pool(), NetworkStatus.EGRESS_DISABLED, time.now());
    ledger.putPool(closed, TestPools.document(closed));
    assertThat(host.networkOf(held)).contains(NetworkStatus.EGRESS_ENABLED);

    world = new KeeperWorld(ledger, host, time, 2);

    until(() -> host.networkOf(held).equals(Optional.of(NetworkStatus.EGRESS_DISABLED)));
    until(() -> record(held).network() == NetworkStatus.EGRESS_DISABLED);
  }

  @Test
  void egressIsGivenToNewSandboxesOnly() throws Exception {
    put(NetworkStatus.EGRESS_DISABLED);
    until(() -> ready() == 2);
    SandboxId held = heldBy("user-1");

    put(NetworkStatus.EGRESS_ENABLED);

    until(
        () ->
            ledger.sandboxes(POOL).stream()
                    .filter(one -> one.state() == SandboxState.READY)
                    .filter(one -> one.network() == NetworkStatus.EGRESS_ENABLED)
                    .count()
                == 2);
    assertThat(host.networkOf(held)).contains(NetworkStatus.EGRESS_DISABLED);
  }

  @Test
  void whatBefellTheRulesIsToldOnceHoweverOftenTheyAreLookedAt() {
    host.guard(false, "the packet rules are missing");
    host.guard(false, "the packet rules cannot be looked at");
    assertThat(world.events.count(Kind.RULES_RESTORED)).isZero();

    host.guard(true, "the packet rules are in force");
    host.guard(true, "the packet rules are in force");

    assertThat(world.events.count(Kind.RULES_LOST)).isEqualTo(1);
    assertThat(world.events.count(Kind.RULES_RESTORED)).isEqualTo(1);
  }

  @Test
  void whileRulesAreMissingNothingIsStartedOrGivenAway() throws Exception {
    put(NetworkStatus.EGRESS_DISABLED);
    until(() -> ready() == 2);
    heldBy("user-1");
    until(() -> ready() == 2);
    int starts = host.starts();

    host.guard(false, "the packet rules are missing");

    assertThat(world.sessions.allocate(new SessionKey(POOL, "user-2"), Duration.ofMillis(50)))
        .isInstanceOfSatisfying(
            Allocation.NoneReady.class,
            none -> assertThat(none.why()).contains("the packet rules are missing"));
    assertThat(allocate("user-1")).isInstanceOf(Allocation.Held.class);
    host.exit(
        ledger.sandboxes(POOL).stream()
            .filter(one -> one.state() == SandboxState.READY)
            .findFirst()
            .orElseThrow()
            .id(),
        1,
        false);
    until(() -> ready() == 1);
    assertThat(host.starts()).isEqualTo(starts);

    host.guard(true, "the packet rules are in force");

    until(() -> ready() == 2);
    assertThat(allocate("user-2")).isInstanceOf(Allocation.Held.class);
  }

  @Test
  void whoWaitedForTheRulesIsServedWhenTheyAreBack() throws Exception {
    put(NetworkStatus.EGRESS_DISABLED);
    until(() -> ready() == 2);
    host.guard(false, "the packet rules are missing");
    var waiting =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    allocate("user-1");
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    until(() -> world.sessions.waiting(POOL) == 1);

    host.guard(true, "the packet rules are in force");

    assertThat(waiting.join(Duration.ofSeconds(20))).isTrue();
    assertThat(world.sessions.list(POOL)).hasSize(1);
  }

  /** Two ready and one held, all with egress. */
  private SandboxId openPoolWithASession() throws InterruptedException {
    put(NetworkStatus.EGRESS_ENABLED);
    until(() -> ready() == 2);
    SandboxId held = heldBy("user-1");
    until(() -> ready() == 2);
    assertThat(host.networkOf(held)).contains(NetworkStatus.EGRESS_ENABLED);
    return held;
  }

  private SandboxId heldBy(String identifier) throws InterruptedException {
    return switch (allocate(identifier)) {
      case Allocation.Held<Upstream> held -> held.entry().sandbox();
      case Allocation<Upstream> other -> throw new AssertionError("not held: " + other);
    };
  }

  private Allocation<Upstream> allocate(String identifier) throws InterruptedException {
    return world.sessions.allocate(new SessionKey(POOL, identifier), Duration.ofSeconds(20));
  }

  private void put(NetworkStatus network) {
    PoolRecord base =
        ledger
            .pool(POOL)
            .orElseGet(() -> TestPools.pool(POOL, 10, 2, Duration.ofMinutes(5), time.now()));
    PoolRecord pool = TestPools.with(base, network, time.now());
    ledger.putPool(pool, TestPools.document(pool));
    world.keeper.changed(POOL);
  }

  private PoolRecord pool() {
    return ledger.pool(POOL).orElseThrow();
  }

  private SandboxRecord record(SandboxId sandbox) {
    return ledger.sandbox(sandbox).orElseThrow();
  }

  private long ready() {
    return ledger.sandboxes(POOL).stream().filter(s -> s.state() == SandboxState.READY).count();
  }
}
