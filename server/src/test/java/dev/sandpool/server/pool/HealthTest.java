package dev.sandpool.server.pool;

import static dev.sandpool.server.pool.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.RevisionId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.SimulatedHost;
import dev.sandpool.server.ledger.MemoryLedger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.Probe;
import dev.sandpool.server.ledger.Probes;
import dev.sandpool.server.ledger.ProvisioningState;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.lifecycle.LifecycleEvent;
import dev.sandpool.server.time.VirtualTime;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of sandboxes that are not well. */
class HealthTest {
  private static final PoolId POOL = new PoolId("poolaaaaaa");
  private static final int LIVE_PORT = 9090;

  private final VirtualTime time = new VirtualTime();
  private final MemoryLedger ledger = new MemoryLedger();
  private final SimulatedHost host = new SimulatedHost().serveWith(exchange -> {});
  private KeeperWorld world = new KeeperWorld(ledger, host, time, 1);
  private final Set<String> ill = ConcurrentHashMap.newKeySet();
  private final AtomicInteger checks = new AtomicInteger();

  HealthTest() {
    world.probes = this::check;
  }

  private @Nullable String check(String address, Probe probe) {
    checks.incrementAndGet();
    return probe.port() == LIVE_PORT && (ill.contains(address) || ill.contains("*"))
        ? "it answered 503"
        : null;
  }

  @AfterEach
  void close() {
    world.close();
    host.close();
  }

  @Test
  void anUnhealthyReadyOneIsReplaced() {
    put(pool(null, probe(2)));
    until(() -> ready() == 2);
    SandboxRecord victim = any();
    ill.add(Objects.requireNonNull(victim.address()));
    until(() -> gone(victim.id()) && ready() == 2);
    assertThat(world.events.count(LifecycleEvent.Kind.SANDBOX_UNHEALTHY)).isEqualTo(1);
    assertThat(world.keeper.condition(POOL).problem())
        .isEqualTo(
            new Pools.Problem(
                "ProbeFailed",
                "its liveness probe failed 2 times in a row: it answered 503",
                false));
  }

  @Test
  void anUnhealthyAllocatedOneIsEndedWithAnEvent() throws InterruptedException {
    put(pool(null, probe(1)));
    until(() -> ready() == 2);
    var key = new SessionKey(POOL, "user-1");
    world.sessions.allocate(key, Duration.ofSeconds(30));
    var entry = Objects.requireNonNull(world.sessions.find(key));
    SandboxRecord held = ledger.sandbox(entry.sandbox()).orElseThrow();
    ill.add(Objects.requireNonNull(held.address()));
    until(() -> gone(held.id()) && world.sessions.find(key) == null);
    assertThat(world.events.count(LifecycleEvent.Kind.SANDBOX_UNHEALTHY)).isEqualTo(1);
    assertThat(world.keeper.condition(POOL).crashes()).isZero();
  }

  @Test
  void oneFailureBelowTheThresholdEndsNobody() {
    put(pool(null, probe(3)));
    until(() -> ready() == 2);
    SandboxRecord shaky = any();
    var failures = new AtomicInteger(2);
    world.probes =
        (address, probe) ->
            address.equals(shaky.address()) && failures.getAndUpdate(it -> Math.max(0, it - 1)) > 0
                ? "it answered 503"
                : check(address, probe);
    until(() -> failures.get() == 0);
    int after = checks.get();
    until(() -> checks.get() >= after + 6);
    assertThat(ledger.sandbox(shaky.id()).orElseThrow().state()).isEqualTo(SandboxState.READY);
  }

  @Test
  void anAdoptedSessionIsProbedOnByTheNextServer() throws InterruptedException {
    put(pool(null, probe(1)));
    until(() -> ready() == 2);
    world.sessions.allocate(new SessionKey(POOL, "user-1"), Duration.ofSeconds(30));
    SandboxRecord held =
        ledger.sandboxes(POOL).stream()
            .filter(it -> it.state() == SandboxState.ALLOCATED)
            .findFirst()
            .orElseThrow();
    world.close();
    world = new KeeperWorld(ledger, host, time, 2);
    world.probes = this::check;
    ill.add(Objects.requireNonNull(held.address()));
    until(() -> gone(held.id()));
  }

  @Test
  void aSandboxIsReadyWhenItsStartupProbePassesAndNotBefore() {
    ill.add("*");
    put(pool(probe(30), null));
    until(() -> checks.get() > 10);
    assertThat(ready()).isZero();
    ill.clear();
    until(() -> ready() == 2);
  }

  @Test
  void aStartupProbeThatNeverPassesFailsTheCreate() {
    ill.add("*");
    put(pool(probe(1), null));
    untilInTime(() -> pool().provisioning().state() == ProvisioningState.FAILED);
    assertThat(pool().provisioning().code()).isEqualTo("ProbeFailed");
    assertThat(pool().provisioning().message())
        .isEqualTo("its startup probe failed 1 times in a row: it answered 503");
  }

  @Test
  void aRevisionThatNeverPassesItsLivenessProbeReplacesNobody() {
    put(pool(null, null));
    until(() -> pool().provisioning().state() == ProvisioningState.SUCCEEDED);
    ill.add("*");
    put(updated(probe(1)));
    untilInTime(() -> pool().provisioning().state() == ProvisioningState.FAILED);
    assertThat(pool().provisioning().code()).isEqualTo("ProbeFailed");
    assertThat(Objects.requireNonNull(pool().active()).id().number()).isEqualTo(1);
    until(() -> ready() == 2);
    assertThat(ledger.sandboxes(POOL)).allMatch(it -> it.revision().number() == 1);

    ill.clear();
    put(updated(probe(1)));
    until(() -> pool().provisioning().state() == ProvisioningState.SUCCEEDED);
    assertThat(Objects.requireNonNull(pool().active()).id().number()).isEqualTo(3);
  }

  @Test
  void aSandboxGoesOnBeingProbedAfterACheckThatThrew() {
    var throwing = new AtomicInteger(3);
    world.probes =
        (address, probe) -> {
          if (probe.port() == LIVE_PORT && throwing.getAndDecrement() > 0) {
            throw new IllegalStateException("made to fail");
          }
          return check(address, probe);
        };
    put(pool(null, probe(1)));
    until(() -> ready() == 2 && throwing.get() < 0);
    SandboxRecord victim = any();
    ill.add(Objects.requireNonNull(victim.address()));
    until(() -> gone(victim.id()) && ready() == 2);
  }

  @Test
  void theEndOfASandboxDoesNotWaitForAStartupProbeThatHangs() {
    var hanging = new AtomicInteger();
    world.probes = (address, probe) -> probe.port() == LIVE_PORT ? hang(hanging) : null;
    put(pool(probe(3), null));
    until(() -> hanging.get() == 2);
    ledger.updatePool(pool().withProvisioning(PoolRecord.Provisioning.deleted()));
    world.keeper.changed(POOL);
    until(() -> ledger.pool(POOL).isEmpty());
    assertThat(hanging.get()).as("checks under way").isZero();
  }

  @Test
  void aLivenessProbeThatHangsEndsWithItsSandbox() {
    var hanging = new AtomicInteger();
    world.probes = (address, probe) -> probe.port() == LIVE_PORT ? hang(hanging) : null;
    put(pool(null, probe(3)));
    until(() -> hanging.get() == 2);
    SandboxRecord victim = any();
    world.keeper.destroy(victim.id(), "told to", Duration.ZERO);
    // Its successor hangs too; of three that began two are left.
    until(() -> gone(victim.id()) && ready() == 2 && hanging.get() == 2);
  }

  private static String hang(AtomicInteger hanging) {
    hanging.incrementAndGet();
    try {
      new CountDownLatch(1).await();
      return "never";
    } catch (InterruptedException e) {
      return "it cannot be reached: closed by interrupt";
    } finally {
      hanging.decrementAndGet();
    }
  }

  @Test
  void nothingIsStartedOnAHostOfLessIsolationThanThePoolAsksFor() {
    world.refusal = "The pool asks for isolation 'gvisor'; this host has 'container'.";
    put(pool(null, null));
    until(() -> pool().provisioning().state() == ProvisioningState.FAILED);
    assertThat(pool().provisioning().code()).isEqualTo("IsolationNotAvailable");
    assertThat(pool().provisioning().message()).isEqualTo(world.refusal);
    assertThat(ledger.sandboxes()).isEmpty();

    world.refusal = null;
    world.keeper.changed(POOL);
    until(() -> ready() == 2);
  }

  private static Probe probe(int threshold) {
    return new Probe(LIVE_PORT, null, threshold, 0, 1, 1, null);
  }

  private PoolRecord pool(@Nullable Probe startup, @Nullable Probe liveness) {
    PoolRecord bare = TestPools.pool(POOL, 10, 2, Duration.ofMinutes(5), time.now());
    return with(bare, startup, liveness);
  }

  private PoolRecord updated(Probe liveness) {
    return with(TestPools.updated(pool(), "image:1", time.now()), null, liveness);
  }

  private static PoolRecord with(
      PoolRecord pool, @Nullable Probe startup, @Nullable Probe liveness) {
    RevisionId id = pool.desired().id();
    return pool.withDesired(
        TestPools.revision(id, pool.desired().image(), new Probes(startup, liveness)));
  }

  private void put(PoolRecord pool) {
    ledger.putPool(pool, TestPools.document(pool));
    world.keeper.changed(pool.id());
  }

  private PoolRecord pool() {
    return ledger.pool(POOL).orElseThrow();
  }

  private SandboxRecord any() {
    return ledger.sandboxes(POOL).getFirst();
  }

  private boolean gone(SandboxId sandbox) {
    return ledger.sandbox(sandbox).orElseThrow().state() == SandboxState.GONE;
  }

  private long ready() {
    return ledger.sandboxes(POOL).stream().filter(s -> s.state() == SandboxState.READY).count();
  }

  /** The same where pauses between tries have to pass. */
  private void untilInTime(Callable<Boolean> condition) {
    until(
        () -> {
          time.advance(Duration.ofMillis(100));
          return condition.call();
        });
  }
}
