package dev.sandpool.server.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.engine.SimulatedHost;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.MemoryLedger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.ProvisioningState;
import dev.sandpool.server.time.VirtualTime;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Meters come and go with their pool; those that stayed would be a leak with a label. */
class PoolMetersLifeTest {
  private static final PoolId POOL = new PoolId("aaaaaaaaaa");

  private final Ledger ledger = new MemoryLedger();
  private final VirtualTime time = new VirtualTime();

  private static String text(KeeperWorld world) throws IOException {
    var text = new ByteArrayOutputStream();
    world.metrics.write(text, world.metrics.writer(null));
    return text.toString(StandardCharsets.UTF_8);
  }

  private void until(KeeperWorld world, String line) {
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> assertThat(text(world)).contains(line));
  }

  @Test
  void startsAreCountedAndADeletedPoolShowsNothing() throws Exception {
    try (var world = new KeeperWorld(ledger, new SimulatedHost(), time, 3)) {
      PoolRecord pool = TestPools.pool(POOL, 10, 3, Duration.ofMinutes(5), time.now());
      ledger.putPool(pool, TestPools.document(pool));
      world.keeper.changed(POOL);
      until(world, "sandpool_sandbox_starts_total{outcome=\"ready\",pool=\"paaaaaaaaaa\"");
      await()
          .atMost(Duration.ofMinutes(1))
          .until(
              () ->
                  ledger.pool(POOL).orElseThrow().provisioning().state()
                      == ProvisioningState.SUCCEEDED);
      assertThat(text(world))
          .containsPattern("sandbox_starts_total\\{outcome=\"ready\",pool=\"paaaaaaaaaa\".*} 3.0")
          .containsPattern("start_phase_seconds_count\\{phase=\"engine\"} 3")
          .containsPattern("pool_ready_wanted\\{pool=\"paaaaaaaaaa\".*} 3.0")
          .containsPattern("refill_seconds_count\\{pool=\"paaaaaaaaaa\".*} 1")
          .containsPattern("image_pull_seconds_count\\{outcome=\"done\"} 1");

      PoolRecord deleting = ledger.pool(POOL).orElseThrow();
      ledger.putPool(
          deleting.withProvisioning(PoolRecord.Provisioning.deleted()),
          TestPools.document(deleting));
      world.keeper.changed(POOL);

      await()
          .atMost(Duration.ofMinutes(1))
          .untilAsserted(() -> assertThat(text(world)).doesNotContain("paaaaaaaaaa"));
      assertThat(ledger.pool(POOL)).isEmpty();
    }
  }
}
