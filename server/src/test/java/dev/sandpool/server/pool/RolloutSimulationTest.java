package dev.sandpool.server.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.SandboxStartException;
import dev.sandpool.server.engine.SimulatedHost;
import dev.sandpool.server.image.FakeImageStore;
import dev.sandpool.server.image.ImageException;
import dev.sandpool.server.ledger.MemoryLedger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.ProvisioningState;
import dev.sandpool.server.ledger.Revision;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.session.Allocation;
import dev.sandpool.server.time.VirtualTime;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random updates, good ones and ones that fail in every way, under traffic: as long as the serving
 * revision works, one sandbox of it is ready at every moment.
 */
class RolloutSimulationTest {
  private static final Duration TRIAL = Duration.ofSeconds(2);
  private static final Duration TICK = Duration.ofMillis(100);
  private static final int READY = 3;
  private static final int UPDATES = 12;

  /** What becomes of sandboxes of an image. */
  private enum Fate {
    GOOD,
    UNPULLABLE,
    NO_ENTRY_POINT,
    FAILS_TO_START,
    CRASHES_AT_ONCE,
    CRASHES_WHEN_READY
  }

  private final VirtualTime time = new VirtualTime();
  private final MemoryLedger ledger = new MemoryLedger();
  private final SimulatedHost host = new SimulatedHost();
  private final Map<String, Fate> fates = new ConcurrentHashMap<>();
  private final Queue<String> broken = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean over = new AtomicBoolean();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void theWorkingRevisionIsNeverTakenDown(long seed) throws InterruptedException {
    var random = new Random(seed);
    PoolId id = PoolId.random(random);
    fates.put(FakeImageStore.digestOf("image:1"), Fate.GOOD);
    host.onStart(this::start);
    try (host;
        var world = new KeeperWorld(ledger, host, time, seed, KeeperWorld.Found.asLeft(), TRIAL)) {
      put(world, TestPools.pool(id, 500, READY, Duration.ofHours(1), time.now()));
      until(seed, () -> state(id) == ProvisioningState.SUCCEEDED);
      Thread clock = Thread.ofVirtual().start(() -> tick(world, id));
      Thread caller = Thread.ofVirtual().start(() -> call(world, id));
      String serving = "image:1";
      for (int update = 2; update < 2 + UPDATES; update++) {
        String image = "image:" + update;
        Fate fate = Fate.values()[random.nextInt(Fate.values().length)];
        prepare(world, image, fate);
        put(world, TestPools.updated(pool(id), image, time.now()));
        if (random.nextInt(4) == 0) {
          continue;
        }
        until(seed, () -> state(id) != ProvisioningState.IN_PROGRESS);
        String said = fate + ": " + pool(id).provisioning() + ", seed " + seed;
        assertThat(state(id))
            .as(said)
            .isEqualTo(fate == Fate.GOOD ? ProvisioningState.SUCCEEDED : ProvisioningState.FAILED);
        serving = fate == Fate.GOOD ? image : serving(id);
        assertThat(serving(id)).as(said).isEqualTo(serving);
        assertThat(fates.get(FakeImageStore.digestOf(serving))).as(said).isEqualTo(Fate.GOOD);
      }
      over.set(true);
      clock.join();
      caller.join();
    }
    assertThat(broken).as("seed %d", seed).isEmpty();
  }

  private void prepare(KeeperWorld world, String image, Fate fate) {
    fates.put(FakeImageStore.digestOf(image), fate);
    if (fate == Fate.UNPULLABLE) {
      world.images.breakImage(
          image, new ImageException(ImageException.Cause.NOT_FOUND, "no such tag"));
    }
  }

  private void start(SandboxSpec spec) throws SandboxStartException {
    switch (Objects.requireNonNull(fates.get(spec.imageDigest()))) {
      case NO_ENTRY_POINT ->
          throw new SandboxStartException(SandboxStartException.Cause.IMAGE, "no entry point");
      case FAILS_TO_START ->
          throw new SandboxStartException(SandboxStartException.Cause.HOST, "the host cannot");
      case CRASHES_AT_ONCE -> crash(spec.id(), Duration.ZERO);
      case CRASHES_WHEN_READY -> crash(spec.id(), Duration.ofMillis(5));
      case GOOD, UNPULLABLE -> {}
    }
  }

  private void crash(SandboxId sandbox, Duration after) {
    Thread.ofVirtual()
        .start(
            () -> {
              while (!host.exit(sandbox, 1, false) && !over.get()) {
                LockSupport.parkNanos(Math.max(100_000, after.toNanos()));
              }
            });
  }

  private void tick(KeeperWorld world, PoolId id) {
    while (!over.get()) {
      time.advance(TICK);
      world.keeper.changed(id);
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** Takes one sandbox whenever two are ready, so that only the keeper can bring it to none. */
  private void call(KeeperWorld world, PoolId id) {
    int session = 0;
    while (!over.get()) {
      long claimable = claimable(id);
      if (claimable < 1) {
        broken.add("nothing is ready of " + pool(id));
      }
      if (claimable >= 2 && session < 400) {
        try {
          var key = new SessionKey(id, "user-" + session++);
          if (!(world.sessions.allocate(key, Duration.ofSeconds(30)) instanceof Allocation.Held)) {
            broken.add(key + " got nothing");
          }
        } catch (InterruptedException e) {
          return;
        }
        if (claimable(id) < 1) {
          broken.add("nothing is left of " + pool(id));
        }
      }
      LockSupport.parkNanos(500_000);
    }
  }

  /** How many could be claimed at one moment between two equal looks at the pool. */
  private long claimable(PoolId id) {
    while (true) {
      Revision before = Objects.requireNonNull(pool(id).active());
      long ready =
          ledger.sandboxes(id).stream()
              .filter(it -> it.state() == SandboxState.READY)
              .filter(it -> it.revision().equals(before.id()))
              .count();
      if (before.equals(pool(id).active())) {
        return ready;
      }
    }
  }

  private void put(KeeperWorld world, PoolRecord pool) {
    ledger.putPool(pool, TestPools.document(pool));
    world.keeper.changed(pool.id());
  }

  private PoolRecord pool(PoolId id) {
    return ledger.pool(id).orElseThrow();
  }

  private String serving(PoolId id) {
    return Objects.requireNonNull(pool(id).active()).image();
  }

  private ProvisioningState state(PoolId id) {
    return pool(id).provisioning().state();
  }

  private static void until(long seed, Callable<Boolean> condition) {
    await("seed " + seed)
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(2))
        .until(condition);
  }
}
