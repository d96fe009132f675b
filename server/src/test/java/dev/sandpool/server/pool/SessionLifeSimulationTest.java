package dev.sandpool.server.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.RunningSandbox;
import dev.sandpool.server.engine.SimulatedHost;
import dev.sandpool.server.ledger.MemoryLedger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.session.Allocation;
import dev.sandpool.server.session.Applicant;
import dev.sandpool.server.session.SessionEntry;
import dev.sandpool.server.session.Upstream;
import dev.sandpool.server.time.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random lives of sessions: requests, reapers, stops and crashes at once, over a simulated host
 * with virtual time, restarts of the server included (G1, G2, G4, G5, G7).
 */
class SessionLifeSimulationTest {
  private static final Duration COOLDOWN = Duration.ofSeconds(10);
  private static final int MAX = 8;
  private static final int READY = 3;
  private static final int CALLERS = 6;
  private static final int STEPS = 120;

  private final Map<SandboxId, SessionKey> servedBy = new ConcurrentHashMap<>();
  private final Queue<String> broken = new ConcurrentLinkedQueue<>();

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18})
  void noSandboxServesTwoAndNoIdentifierHasTwo(long seed) throws InterruptedException {
    var time = new VirtualTime();
    var ledger = new MemoryLedger();
    var pool = PoolId.random(new Random(seed));
    PoolRecord record = TestPools.pool(pool, MAX, READY, COOLDOWN, time.now());
    ledger.putPool(record, TestPools.document(record));
    try (var host = new SimulatedHost()) {
      for (int life = 0; life < 3; life++) {
        try (var world = new KeeperWorld(ledger, host, time, seed * 31 + life)) {
          liveThrough(world, pool, seed + life);
          assertThat(broken).as("seed %d, life %d", seed, life).isEmpty();
          settled(world, pool, seed);
        }
      }
    }
  }

  private void liveThrough(KeeperWorld world, PoolId pool, long seed) throws InterruptedException {
    List<Thread> actors = new ArrayList<>();
    for (int caller = 0; caller < CALLERS; caller++) {
      var random = new Random(seed * 1000 + caller);
      actors.add(Thread.ofVirtual().start(() -> call(world, pool, random)));
    }
    actors.add(Thread.ofVirtual().start(() -> disturb(world, pool, new Random(seed * 7))));
    for (Thread actor : actors) {
      actor.join();
    }
  }

  private void call(KeeperWorld world, PoolId pool, Random random) {
    for (int step = 0; step < STEPS; step++) {
      var key = new SessionKey(pool, "user-" + random.nextInt(12));
      try {
        if (random.nextInt(10) == 0) {
          world.sessions.stop(key, "a caller asked for it");
        } else {
          request(world, key, random);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (RuntimeException e) {
        broken.add(e.toString());
      }
    }
  }

  private void request(KeeperWorld world, SessionKey key, Random random)
      throws InterruptedException {
    SessionEntry<Upstream> entry = world.sessions.find(key);
    if (entry == null) {
      entry = random.nextBoolean() ? waiting(world, key) : told(world, key);
    }
    if (entry == null || !entry.enter(world.time.nanos())) {
      return;
    }
    SessionKey before = servedBy.putIfAbsent(entry.sandbox(), key);
    if (before != null && !before.equals(key)) {
      broken.add("G1: " + entry.sandbox() + " served " + before + " and " + key);
    }
    SandboxRecord durable = world.ledger.sandbox(entry.sandbox()).orElse(null);
    if (durable == null || !key.equals(durable.session())) {
      broken.add("G4: " + entry.sandbox() + " is used before its allocation is durable");
    }
    if (random.nextInt(4) == 0) {
      world.time.advance(COOLDOWN.multipliedBy(2));
      world.sessions.reap();
      if (entry.closing() && durable != null && stillAllocated(world, durable.id())) {
        broken.add("G5: " + entry.sandbox() + " was reaped while a request was in flight");
      }
    }
    checkSingleHolder(world, key);
    entry.leave(world.time.nanos());
  }

  private static @Nullable SessionEntry<Upstream> waiting(KeeperWorld world, SessionKey key)
      throws InterruptedException {
    return world.sessions.allocate(key, Duration.ofMillis(1))
            instanceof Allocation.Held<Upstream> held
        ? held.entry()
        : null;
  }

  /** Asks as an event loop does: told on another thread, and not at all if it had to wait. */
  private @Nullable SessionEntry<Upstream> told(KeeperWorld world, SessionKey key)
      throws InterruptedException {
    var answers = new ArrayBlockingQueue<Optional<SessionEntry<Upstream>>>(2);
    world.sessions.allocate(
        key,
        new Applicant<>() {
          @Override
          public void settled(Allocation<Upstream> result) {
            answers.add(
                result instanceof Allocation.Held<Upstream> held
                    ? Optional.of(held.entry())
                    : Optional.empty());
          }

          @Override
          public void mustWait() {
            answers.add(Optional.empty());
          }

          @Override
          public void failed(RuntimeException cause) {
            broken.add(cause.toString());
            answers.add(Optional.empty());
          }
        });
    SessionEntry<Upstream> entry = answers.take().orElse(null);
    if (!answers.isEmpty()) {
      broken.add("told twice of " + key);
    }
    return entry;
  }

  private static boolean stillAllocated(KeeperWorld world, SandboxId sandbox) {
    return world
        .ledger
        .sandbox(sandbox)
        .map(record -> "idle for its cooldown".equals(record.endReason()))
        .orElse(false);
  }

  private void checkSingleHolder(KeeperWorld world, SessionKey key) {
    Set<SandboxId> living = new java.util.HashSet<>();
    for (RunningSandbox running : world.engine.running()) {
      living.add(running.id());
    }
    long holders =
        world.ledger.sandboxes(key.pool()).stream()
            .filter(sandbox -> key.equals(sandbox.session()) && living.contains(sandbox.id()))
            .count();
    if (holders > 1) {
      broken.add("G2: " + key + " has " + holders + " living sandboxes");
    }
    long allocated =
        world.ledger.sandboxes(key.pool()).stream()
            .filter(sandbox -> sandbox.state() == SandboxState.ALLOCATED)
            .count();
    if (allocated > MAX) {
      broken.add("G7: " + allocated + " sessions in a pool of " + MAX);
    }
  }

  private static void disturb(KeeperWorld world, PoolId pool, Random random) {
    for (int step = 0; step < STEPS; step++) {
      world.time.advance(Duration.ofSeconds(random.nextInt(4)));
      world.sessions.reap();
      List<SandboxRecord> all = world.ledger.sandboxes(pool);
      if (!all.isEmpty() && random.nextInt(3) == 0) {
        SandboxId victim = all.get(random.nextInt(all.size())).id();
        world.engine.host().exit(victim, 1, random.nextBoolean());
      }
      Thread.yield();
    }
  }

  /** What must be so when everything has come to rest. */
  private static void settled(KeeperWorld world, PoolId pool, long seed) {
    // The last requests and crashes leave allocations behind: all of them idle out.
    await("all sessions end by idleness, seed " + seed)
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              world.time.advance(COOLDOWN);
              world.sessions.reap();
              return count(world, pool, SandboxState.ALLOCATED) == 0
                  && world.sessions.list(pool).isEmpty();
            });
    await("the pool converges to what is wanted, seed " + seed)
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              world.time.advance(Duration.ofSeconds(1));
              return count(world, pool, SandboxState.READY) == READY
                  && world.ledger.sandboxes(pool).size() == READY
                  && world.engine.running().size() == READY;
            });
  }

  private static long count(KeeperWorld world, PoolId pool, SandboxState state) {
    return world.ledger.sandboxes(pool).stream().filter(s -> s.state() == state).count();
  }
}
