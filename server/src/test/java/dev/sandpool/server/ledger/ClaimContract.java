package dev.sandpool.server.ledger;

import static dev.sandpool.server.ledger.Samples.NOW;
import static dev.sandpool.server.ledger.Samples.key;
import static dev.sandpool.server.ledger.Samples.sandboxId;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.RevisionId;
import dev.sandpool.model.SandboxId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every ledger promises of claims (G1, G2, G4, G7). */
public abstract class ClaimContract {
  private Ledger opened = new MemoryLedger();

  /** A new, empty ledger. */
  protected abstract Ledger open() throws Exception;

  @BeforeEach
  void openLedger() throws Exception {
    opened = open();
  }

  @AfterEach
  void closeLedger() {
    opened.close();
  }

  protected final Ledger ledger() {
    return opened;
  }

  protected final void replaceLedger(Ledger other) {
    opened = other;
  }

  protected final PoolRecord putPool(int number, int max) {
    PoolRecord pool = Samples.pool(number, max);
    ledger().putPool(pool, Samples.document(pool));
    return pool;
  }

  protected final SandboxId start(int number, PoolRecord pool) {
    return start(number, pool.desired().id(), pool.network());
  }

  protected final SandboxId start(int number, RevisionId revision, NetworkStatus network) {
    SandboxRecord sandbox = Samples.starting(number, revision, network);
    ledger().recordStarting(sandbox);
    return sandbox.id();
  }

  protected final SandboxId ready(int number, PoolRecord pool) {
    SandboxId id = start(number, pool);
    assertThat(ledger().markReady(id, "10.0.0." + number, NOW.plusSeconds(number))).isTrue();
    return id;
  }

  protected final ClaimResult claim(PoolRecord pool, String identifier) {
    return ledger().claim(key(pool, identifier), NOW.plusSeconds(100));
  }

  protected final SandboxRecord claimed(PoolRecord pool, String identifier) {
    ClaimResult result = claim(pool, identifier);
    assertThat(result).isInstanceOf(ClaimResult.Claimed.class);
    var claimed = (ClaimResult.Claimed) result;
    assertThat(claimed.lifecycle()).isEqualTo(pool.lifecycle());
    return claimed.sandbox();
  }

  protected final SandboxRecord stored(SandboxId id) {
    return ledger().sandbox(id).orElseThrow();
  }

  @Test
  void claimIsStoredAndCounted() {
    PoolRecord pool = putPool(1, 5);
    SandboxId id = ready(1, pool);
    SandboxRecord claimed = claimed(pool, "User-1");
    assertThat(claimed.id()).isEqualTo(id);
    assertThat(claimed.state()).isEqualTo(SandboxState.ALLOCATED);
    assertThat(claimed.session()).isEqualTo(key(pool, "User-1"));
    assertThat(claimed.address()).isEqualTo("10.0.0.1");
    assertThat(claimed.allocatedAt()).isEqualTo(NOW.plusSeconds(100));
    assertThat(claimed.lastActiveAt()).isEqualTo(NOW.plusSeconds(100));
    assertThat(stored(id)).isEqualTo(claimed);
    assertThat(ledger().claimCount()).isEqualTo(1);
  }

  @Test
  void oldestReadyIsTakenFirst() {
    PoolRecord pool = putPool(1, 5);
    SandboxId late = start(1, pool);
    SandboxId early = start(2, pool);
    ledger().markReady(early, "a", NOW);
    ledger().markReady(late, "b", NOW.plusNanos(1));
    assertThat(claimed(pool, "user-1").id()).isEqualTo(early);
    assertThat(claimed(pool, "user-2").id()).isEqualTo(late);
  }

  @Test
  void holderIsAnsweredInsteadOfASecondSandbox() {
    PoolRecord pool = putPool(1, 1);
    ready(1, pool);
    ready(2, pool);
    SandboxRecord held = claimed(pool, "user-1");
    // Also when the pool is full: the key has its session already.
    assertThat(claim(pool, "user-1")).isEqualTo(new ClaimResult.AlreadyHeld(held));
    assertThat(ledger().claimCount()).isEqualTo(1);
  }

  @Test
  void identifiersDifferByCaseAndPool() {
    PoolRecord pool = putPool(1, 5);
    PoolRecord other = putPool(2, 5);
    ready(1, pool);
    ready(2, pool);
    ready(3, other);
    assertThat(claimed(pool, "user").id()).isEqualTo(sandboxId(1));
    assertThat(claimed(pool, "USER").id()).isEqualTo(sandboxId(2));
    assertThat(claimed(other, "user").id()).isEqualTo(sandboxId(3));
  }

  @Test
  void stoppingStillHoldsItsIdentifierAndGoneFreesIt() {
    PoolRecord pool = putPool(1, 5);
    ready(1, pool);
    ready(2, pool);
    SandboxId first = claimed(pool, "user-1").id();
    ledger().markStopping(first, "idle", NOW);
    assertThat(claim(pool, "user-1")).isEqualTo(new ClaimResult.AlreadyHeld(stored(first)));
    assertThat(stored(first).state()).isEqualTo(SandboxState.STOPPING);
    ledger().markGone(first, NOW);
    assertThat(claimed(pool, "user-1").id()).isEqualTo(sandboxId(2));
    assertThat(stored(first).session()).isEqualTo(key(pool, "user-1"));
  }

  @Test
  void stoppingCountsNotToTheMaximum() {
    PoolRecord pool = putPool(1, 1);
    ready(1, pool);
    ready(2, pool);
    SandboxId first = claimed(pool, "user-1").id();
    assertThat(claim(pool, "user-2")).isEqualTo(new ClaimResult.Full(1));
    ledger().markStopping(first, "idle", NOW);
    assertThat(claimed(pool, "user-2").id()).isEqualTo(sandboxId(2));
    assertThat(claim(pool, "user-3")).isEqualTo(new ClaimResult.Full(1));
  }

  @Test
  void goneWithoutStoppingMakesRoomOnce() {
    PoolRecord pool = putPool(1, 1);
    ready(1, pool);
    SandboxId first = claimed(pool, "user-1").id();
    ledger().markGone(first, NOW);
    ledger().markGone(first, NOW);
    ready(2, pool);
    ready(3, pool);
    claimed(pool, "user-2");
    assertThat(claim(pool, "user-3")).isEqualTo(new ClaimResult.Full(1));
  }

  @Test
  void fullIsSaidEvenWithNothingReadyAndAfterMaxWasLowered() {
    PoolRecord pool = putPool(1, 2);
    ready(1, pool);
    ready(2, pool);
    claimed(pool, "user-1");
    claimed(pool, "user-2");
    assertThat(claim(pool, "user-3")).isEqualTo(new ClaimResult.Full(2));
    PoolRecord lower = Samples.pool(pool.id(), "pool-1", 2, 1, pool.active(), pool.desired());
    ledger().putPool(lower, Samples.document(lower));
    assertThat(claim(pool, "user-3")).isEqualTo(new ClaimResult.Full(1));
  }

  @Test
  void onlyReadySandboxesAreGiven() {
    PoolRecord pool = putPool(1, 5);
    start(1, pool);
    ledger().markStopping(ready(2, pool), "x", NOW);
    ledger().markGone(ready(3, pool), NOW);
    assertThat(claim(pool, "user-1")).isEqualTo(new ClaimResult.NoneReady());
    assertThat(ledger().claimCount()).isZero();
  }

  @Test
  void anotherRevisionOrNetworkIsNotGiven() {
    PoolRecord pool = putPool(1, 5);
    ready(1, pool);
    SandboxId next = start(2, pool.desired().id().next(), pool.network());
    ledger().markReady(next, "b", NOW);
    SandboxId open = start(3, pool.desired().id(), NetworkStatus.EGRESS_ENABLED);
    ledger().markReady(open, "c", NOW);
    assertThat(claimed(pool, "user-1").id()).isEqualTo(sandboxId(1));
    assertThat(claim(pool, "user-2")).isEqualTo(new ClaimResult.NoneReady());

    PoolRecord egress = Samples.with(pool, NetworkStatus.EGRESS_ENABLED);
    ledger().putPool(egress, Samples.document(egress));
    assertThat(claimed(pool, "user-2").id()).isEqualTo(open);
    assertThat(claim(pool, "user-3")).isEqualTo(new ClaimResult.NoneReady());
  }

  @Test
  void nothingIsGivenBeforeTheFirstRevisionIsUp() {
    var id = Samples.poolId(1);
    Revision desired = Samples.revision(id, 1);
    PoolRecord pool = Samples.pool(id, "young", 1, 5, null, desired);
    ledger().putPool(pool, Samples.document(pool));
    ready(1, pool);
    assertThat(claim(pool, "user-1")).isEqualTo(new ClaimResult.NoneReady());
    assertThat(ledger().updatePool(Samples.pool(id, "young", 1, 5, desired, desired))).isTrue();
    assertThat(claimed(pool, "user-1").id()).isEqualTo(sandboxId(1));
  }

  @Test
  void unknownAndDeletingPoolsGiveNothing() {
    PoolRecord pool = putPool(1, 5);
    ready(1, pool);
    ledger().updatePool(Samples.with(pool, PoolRecord.Provisioning.deleted()));
    assertThat(claim(pool, "user-1")).isEqualTo(new ClaimResult.NoPool());
    assertThat(claim(Samples.pool(9, 5), "user-1")).isEqualTo(new ClaimResult.NoPool());
  }

  @Test
  void concurrentClaimsOfOneKeyHaveOneWinner() throws Exception {
    PoolRecord pool = putPool(1, 50);
    for (int i = 1; i <= 20; i++) {
      ready(i, pool);
    }
    List<ClaimResult> results = all(Collections.nCopies(200, () -> claim(pool, "same")));
    Set<SandboxId> seen = new HashSet<>();
    int won = 0;
    for (ClaimResult result : results) {
      won += result instanceof ClaimResult.Claimed ? 1 : 0;
      seen.add(holder(result));
    }
    assertThat(won).isOne();
    assertThat(seen).hasSize(1);
  }

  private static SandboxId holder(ClaimResult result) {
    return switch (result) {
      case ClaimResult.Claimed(SandboxRecord sandbox, Lifecycle _) -> sandbox.id();
      case ClaimResult.AlreadyHeld(SandboxRecord sandbox) -> sandbox.id();
      case ClaimResult.NoneReady() -> throw new AssertionError("none ready");
      case ClaimResult.Full(int max) -> throw new AssertionError("full at " + max);
      case ClaimResult.NoPool() -> throw new AssertionError("no pool");
    };
  }

  /** G4: who is told may forward at once. */
  @Test
  void whatAClaimantIsToldIsDurable() {
    PoolRecord pool = putPool(1, 5);
    SandboxId id = ready(1, pool);
    List<SandboxState> seen = Collections.synchronizedList(new ArrayList<>());
    var claim = new AwaitedClaim(result -> seen.add(stored(id).state()));

    ledger().claim(key(pool, "user-1"), NOW, claim);

    assertThat(claim.await()).isInstanceOf(ClaimResult.Claimed.class);
    assertThat(seen).containsExactly(SandboxState.ALLOCATED);
  }

  /** Else a session would be remembered after its end, and stay for ever (G3). */
  @Test
  void endOfAClaimedSandboxIsHeardOfAfterItsClaim() {
    PoolRecord pool = putPool(1, 5);
    SandboxId id = ready(1, pool);
    var over = new CountDownLatch(1);
    List<Boolean> overtaken = Collections.synchronizedList(new ArrayList<>());
    var claim =
        new AwaitedClaim(
            result -> {
              Thread.startVirtualThread(
                  () -> {
                    ledger().markStopping(id, "test", NOW);
                    over.countDown();
                  });
              overtaken.add(within(over, Duration.ofMillis(200)));
            });

    ledger().claim(key(pool, "user-1"), NOW, claim);

    claim.await();
    assertThat(overtaken).containsExactly(false);
    assertThat(within(over, Duration.ofSeconds(10))).isTrue();
  }

  private static boolean within(CountDownLatch latch, Duration time) {
    try {
      return latch.await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Random claims and ends, many at once: G1, G2 and the maximum hold in what was answered. */
  @Test
  void concurrentClaimsGiveNoSandboxTwiceAndKeepTheMaximum() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("seed of concurrent claims: " + seed);
    var random = new Random(seed);
    int max = 1 + random.nextInt(12);
    PoolRecord pool = putPool(1, max);
    for (int i = 1; i <= 120; i++) {
      ready(i, pool);
    }
    Map<SandboxId, String> owners = new HashMap<>();
    for (int round = 0; round < 12; round++) {
      List<Callable<ClaimResult>> calls = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        String identifier = "user-" + random.nextInt(20);
        calls.add(() -> claim(pool, identifier));
      }
      for (ClaimResult result : all(calls)) {
        if (result instanceof ClaimResult.Claimed(SandboxRecord sandbox, Lifecycle _)) {
          String owner = Objects.requireNonNull(sandbox.session()).identifier();
          assertThat(owners.put(sandbox.id(), owner)).as("given twice, seed %d", seed).isNull();
        }
      }
      checkAndEndSome(pool, max, random, seed);
    }
    assertThat(ledger().claimCount()).as("seed %d", seed).isEqualTo(owners.size());
  }

  private void checkAndEndSome(PoolRecord pool, int max, Random random, long seed) {
    Set<String> holders = new HashSet<>();
    int allocated = 0;
    for (SandboxRecord sandbox : ledger().sandboxes(pool.id())) {
      if (sandbox.session() != null) {
        assertThat(holders.add(sandbox.session().identifier())).as("seed %d", seed).isTrue();
        allocated += sandbox.state() == SandboxState.ALLOCATED ? 1 : 0;
        end(sandbox, random.nextInt(4));
      }
    }
    assertThat(allocated).as("seed %d", seed).isLessThanOrEqualTo(max);
  }

  private void end(SandboxRecord sandbox, int chance) {
    if (chance == 0) {
      ledger().markStopping(sandbox.id(), "test", NOW);
    } else if (chance == 1) {
      ledger().markGone(sandbox.id(), NOW);
    }
  }

  /** Runs all at once on virtual threads. */
  protected static <T> List<T> all(List<Callable<T>> calls) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<T> results = new ArrayList<>();
      for (var future : threads.invokeAll(calls)) {
        results.add(future.get());
      }
      return results;
    }
  }
}
