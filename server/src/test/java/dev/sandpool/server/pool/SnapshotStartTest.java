package dev.sandpool.server.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.SandboxStartException;
import dev.sandpool.server.engine.SimulatedHost;
import dev.sandpool.server.ledger.MemoryLedger;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.time.VirtualTime;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A sandbox that is copied when it is no longer fresh, or although its pool forbids it. */
class SnapshotStartTest {
  private static final PoolId POOL = new PoolId("poolaaaaaa");

  private final VirtualTime time = new VirtualTime();
  private final MemoryLedger ledger = new MemoryLedger();
  private final SimulatedHost host = new SimulatedHost();
  private final KeeperWorld world = new KeeperWorld(ledger, host, time, 1);

  @AfterEach
  void close() {
    world.close();
    host.close();
  }

  private void pool() {
    var pool = TestPools.pool(POOL, 10, 2, Duration.ofMinutes(5), time.now());
    ledger.putPool(pool, TestPools.document(pool));
    world.keeper.changed(POOL);
  }

  private long ready() {
    return ledger.sandboxes(POOL).stream()
        .filter(sandbox -> sandbox.state() == SandboxState.READY)
        .count();
  }

  @Test
  void engineIsToldOfReadySandboxesBeforeAnybodyCanHaveThem() {
    pool();

    await().atMost(Duration.ofSeconds(30)).until(() -> ready() == 2);

    assertThat(world.engine.settled())
        .hasSize(2)
        .extracting(SandboxSpec::snapshot)
        .containsOnly("poolaaaaaa-r1");
    world.keeper.collectImages();
    assertThat(world.engine.retained()).containsExactly("poolaaaaaa-r1");
  }

  @Test
  void oneThatDoesNotGoOnIsNotOffered() {
    world.engine.failSettling(
        new SandboxStartException(SandboxStartException.Cause.HOST, "it does not go on"));
    pool();

    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> String.valueOf(world.keeper.whyNoneReady(POOL)).contains("does not go on"));

    assertThat(ready()).isZero();
  }

  @Test
  void poolThatForbidsItIsNeverCopied_andWhatWasKeptOfItGoes() {
    world.snapshots = false;
    pool();

    await().atMost(Duration.ofSeconds(30)).until(() -> ready() == 2);

    assertThat(world.engine.settled()).isEmpty();
    assertThat(host.everStarted())
        .allSatisfy(id -> assertThat(host.specOf(id).orElseThrow().snapshot()).isNull());
    world.keeper.collectImages();
    assertThat(world.engine.retained()).isEmpty();
  }
}
