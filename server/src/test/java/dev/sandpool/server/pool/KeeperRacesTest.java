package dev.sandpool.server.pool;

import static dev.sandpool.server.pool.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.SimulatedHost;
import dev.sandpool.server.ledger.ClaimResult;
import dev.sandpool.server.ledger.Claimant;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.MemoryLedger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.session.Allocation;
import dev.sandpool.server.session.Applicant;
import dev.sandpool.server.session.Upstream;
import dev.sandpool.server.time.VirtualTime;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What happens between a look into the ledger and the deed that follows from it. */
class KeeperRacesTest {
  private static final PoolId POOL = new PoolId("poolaaaaaa");
  private static final SessionKey USER = new SessionKey(POOL, "user-1");

  private final VirtualTime time = new VirtualTime();
  private final MemoryLedger ledger = new MemoryLedger();
  private final SimulatedHost host = new SimulatedHost();
  private volatile @Nullable BiConsumer<String, @Nullable Object> afterCall;
  private final KeeperWorld world = new KeeperWorld(watched(), host, time, 1);

  @AfterEach
  void close() {
    world.close();
    host.close();
  }

  @Test
  void aSandboxThatIsClaimedAfterTheKeeperLookedIsNotRetired() {
    put(TestPools.pool(POOL, 10, 1, Duration.ofMinutes(5), time.now()));
    until(() -> count(SandboxState.READY) == 1);
    afterCall =
        (method, result) -> {
          if (method.equals("sandboxes")) {
            afterCall = null;
            assertThat(ledger.claim(USER, time.now())).isInstanceOf(ClaimResult.Claimed.class);
          }
        };
    put(TestPools.resized(ledger.pool(POOL).orElseThrow(), 10, 0, time.now()));
    until(() -> afterCall == null);
    PoolRecord grown = TestPools.resized(ledger.pool(POOL).orElseThrow(), 10, 2, time.now());
    put(grown);
    until(() -> count(SandboxState.READY) == 2);
    assertThat(count(SandboxState.ALLOCATED)).isEqualTo(1);
  }

  private final AtomicReference<@Nullable SandboxId> dead = new AtomicReference<>();

  @Test
  void aSandboxThatDiesWhileItIsClaimedIsNotRemembered() throws InterruptedException {
    put(TestPools.pool(POOL, 10, 1, Duration.ofMinutes(5), time.now()));
    until(() -> count(SandboxState.READY) == 1);
    afterCall =
        (method, result) -> {
          if (result instanceof ClaimResult.Claimed claimed) {
            afterCall = null;
            dead.set(claimed.sandbox().id());
            host.exit(claimed.sandbox().id(), 1, false);
            ending(claimed);
          }
        };
    // The caller is given the dying sandbox, or waits for its end and is given another.
    world.sessions.allocate(USER, Duration.ofSeconds(30));
    until(() -> dead.get() != null && gone(dead.get()));
    var again = (Allocation.Held<?>) world.sessions.allocate(USER, Duration.ofSeconds(30));
    assertThat(again.entry().sandbox()).isNotEqualTo(dead.get());
    assertThat(again.entry().closing()).isFalse();
  }

  @Test
  void aSandboxThatDiesWhileItIsClaimedWithoutWaitingIsNotRemembered() {
    put(TestPools.pool(POOL, 10, 1, Duration.ofMinutes(5), time.now()));
    until(() -> count(SandboxState.READY) == 1);
    afterCall =
        (method, result) -> {
          if (result instanceof ClaimResult.Claimed claimed) {
            afterCall = null;
            dead.set(claimed.sandbox().id());
            host.exit(claimed.sandbox().id(), 1, false);
            ending(claimed);
          }
        };
    var told = new Told();
    world.sessions.allocate(USER, told);
    until(() -> told.times.get() == 1 && dead.get() != null && gone(dead.get()));
    assertThat(world.sessions.find(USER)).isNull();
  }

  /** Counts how often it is told, whatever it is told. */
  private static final class Told implements Applicant<Upstream> {
    private final AtomicInteger times = new AtomicInteger();

    @Override
    public void settled(Allocation<Upstream> result) {
      times.incrementAndGet();
    }

    @Override
    public void mustWait() {
      times.incrementAndGet();
    }

    @Override
    public void failed(RuntimeException cause) {
      times.incrementAndGet();
    }
  }

  private boolean gone(SandboxId sandbox) {
    return ledger.sandbox(sandbox).map(it -> it.state() == SandboxState.GONE).orElse(true)
        && world.sessions.list(POOL).stream().noneMatch(view -> view.sandbox().equals(sandbox));
  }

  /** Gives the end time to overtake the claim; it must not be able to. */
  private void ending(ClaimResult.Claimed claimed) {
    try {
      await()
          .atMost(Duration.ofMillis(300))
          .pollInterval(Duration.ofMillis(5))
          .until(() -> count(SandboxState.READY) == 1); // The end is over, and was followed up.
    } catch (ConditionTimeoutException e) {
      assertThat(ledger.sandbox(claimed.sandbox().id()).orElseThrow().state())
          .isEqualTo(SandboxState.ALLOCATED);
    }
  }

  private Ledger watched() {
    return (Ledger)
        Proxy.newProxyInstance(
            Ledger.class.getClassLoader(),
            new Class<?>[] {Ledger.class},
            (proxy, method, args) -> {
              try {
                if (method.getName().equals("claim") && args[2] instanceof Claimant claimant) {
                  args[2] = watched(claimant);
                }
                Object result = method.invoke(ledger, args);
                watch(method.getName(), result);
                return result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private void watch(String method, @Nullable Object result) {
    BiConsumer<String, @Nullable Object> hook = afterCall;
    if (hook != null) {
      hook.accept(method, result);
    }
  }

  private Claimant watched(Claimant claimant) {
    return new Claimant() {
      @Override
      public void decided(ClaimResult result) {
        watch("claim", result);
        claimant.decided(result);
      }

      @Override
      public void failed(RuntimeException cause) {
        claimant.failed(cause);
      }
    };
  }

  private void put(PoolRecord pool) {
    ledger.putPool(pool, TestPools.document(pool));
    world.keeper.changed(pool.id());
  }

  private long count(SandboxState state) {
    return ledger.sandboxes(POOL).stream().filter(s -> s.state() == state).count();
  }
}
