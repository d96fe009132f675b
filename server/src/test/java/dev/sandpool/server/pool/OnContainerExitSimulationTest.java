package dev.sandpool.server.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.engine.SimulatedHost;
import dev.sandpool.server.ledger.MemoryLedger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.lifecycle.LifecycleEvent;
import dev.sandpool.server.session.SessionEntry;
import dev.sandpool.server.session.Upstream;
import dev.sandpool.server.time.VirtualTime;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random lives of sessions that live until their container exits: each against the end that the
 * contract gives it, restarts of the server included.
 */
class OnContainerExitSimulationTest {
  private static final int MAX = 6;

  private final VirtualTime time = new VirtualTime();
  private final MemoryLedger ledger = new MemoryLedger();

  /** A session as it ought to be. */
  private record Expected(SessionEntry<Upstream> entry, long bornNanos) {}

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aSessionLivesUntilItsContainerExitsOrItsTimeIsUp(long seed) throws InterruptedException {
    var random = new Random(seed);
    PoolId id = PoolId.random(random);
    Duration maxAlive = Duration.ofSeconds(60 + random.nextInt(600));
    PoolRecord pool = TestPools.onExit(id, MAX, 2, maxAlive, time.now());
    ledger.putPool(pool, TestPools.document(pool));
    Map<SessionKey, Expected> living = new HashMap<>();
    try (var host = new SimulatedHost()) {
      KeeperWorld world = new KeeperWorld(ledger, host, time, seed);
      try {
        for (int step = 0; step < 200; step++) {
          String where = "seed " + seed + ", step " + step;
          switch (random.nextInt(12)) {
            case 0 -> exit(world, living, random, where);
            case 1 -> {
              world.sessions.noteActivity();
              world.close();
              world = new KeeperWorld(ledger, host, time, seed + step);
              refresh(world, living, where);
            }
            case 2, 3, 4, 5 -> begin(world, id, living, random, where);
            default -> time.advance(Duration.ofSeconds(random.nextInt(60)));
          }
          world.sessions.reap();
          compare(living, maxAlive, where);
        }
        assertThat(world.events.count(LifecycleEvent.Kind.SANDBOX_DIED))
            .as("seed %d", seed)
            .isZero();
      } finally {
        world.close();
      }
    }
  }

  private void begin(
      KeeperWorld world, PoolId id, Map<SessionKey, Expected> living, Random random, String where)
      throws InterruptedException {
    var key = new SessionKey(id, "user-" + random.nextInt(MAX));
    if (living.containsKey(key)) {
      return;
    }
    world.sessions.allocate(key, Duration.ofSeconds(30));
    SessionEntry<Upstream> entry = world.sessions.find(key);
    assertThat(entry).as("%s: %s", where, key).isNotNull();
    if (entry != null) {
      if (random.nextInt(3) == 0) {
        // One request that never ends keeps it no longer.
        entry.enter(time.nanos());
      }
      living.put(key, new Expected(entry, time.nanos()));
    }
  }

  private static void exit(
      KeeperWorld world, Map<SessionKey, Expected> living, Random random, String where) {
    living.entrySet().stream()
        .min(Comparator.comparing(session -> session.getKey().identifier()))
        .ifPresent(
            session -> {
              SessionKey key = session.getKey();
              world
                  .engine
                  .host()
                  .exit(session.getValue().entry().sandbox(), random.nextInt(3), false);
              until(where + ": its container exited", () -> world.sessions.find(key) == null);
              living.remove(key);
            });
  }

  private static void refresh(KeeperWorld world, Map<SessionKey, Expected> living, String where) {
    living.replaceAll(
        (key, expected) -> {
          @Nullable SessionEntry<Upstream> adopted = world.sessions.find(key);
          assertThat(adopted).as("%s: %s is adopted", where, key).isNotNull();
          return adopted == null ? expected : new Expected(adopted, expected.bornNanos());
        });
  }

  private void compare(Map<SessionKey, Expected> living, Duration maxAlive, String where) {
    long now = time.nanos();
    living
        .entrySet()
        .removeIf(
            session -> {
              boolean over = now - session.getValue().bornNanos() >= maxAlive.toNanos();
              assertThat(session.getValue().entry().closing())
                  .as("%s: %s is over", where, session.getKey())
                  .isEqualTo(over);
              return over;
            });
    until(
        where + ": as many as there ought to be",
        () ->
            ledger.sandboxes(ledger.pools().getFirst().id()).stream()
                    .filter(it -> it.state() == SandboxState.ALLOCATED)
                    .count()
                == living.size());
    until(
        where + ": ends are over",
        () ->
            ledger.sandboxes(ledger.pools().getFirst().id()).stream()
                .noneMatch(it -> it.state() == SandboxState.STOPPING && it.session() != null));
  }

  private static void until(String what, Callable<Boolean> condition) {
    await(what).atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(1)).until(condition);
  }
}
