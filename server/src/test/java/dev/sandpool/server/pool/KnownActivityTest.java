package dev.sandpool.server.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.engine.SimulatedHost;
import dev.sandpool.server.ledger.MemoryLedger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.session.Allocation;
import dev.sandpool.server.session.SessionEntry;
import dev.sandpool.server.session.Upstream;
import dev.sandpool.server.time.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A restart must not count an outage as idleness, and use costs no write of its own. */
class KnownActivityTest {
  private static final Duration COOLDOWN = Duration.ofMinutes(5);

  private final VirtualTime time = new VirtualTime();
  private final MemoryLedger ledger = new MemoryLedger();
  private final SimulatedHost host = new SimulatedHost();
  private final PoolId pool = PoolId.random(new Random(3));
  private final SessionKey key = new SessionKey(pool, "user-1");
  private KeeperWorld world;

  @BeforeEach
  void open() {
    PoolRecord record = TestPools.pool(pool, 5, 1, COOLDOWN, time.now());
    ledger.putPool(record, TestPools.document(record));
    world = new KeeperWorld(ledger, host, time, 1);
  }

  @AfterEach
  void close() {
    world.close();
    host.close();
  }

  private SessionEntry<Upstream> session() throws InterruptedException {
    if (world.sessions.allocate(key, Duration.ofSeconds(20))
        instanceof Allocation.Held<Upstream> held) {
      return held.entry();
    }
    throw new AssertionError("no session");
  }

  private Instant recorded() {
    return ledger.sandboxes(pool).stream()
        .filter(sandbox -> sandbox.state() == SandboxState.ALLOCATED)
        .map(sandbox -> Objects.requireNonNull(sandbox.lastActiveAt()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void useIsWrittenDownInTheNextBatch_notAtOnce() throws InterruptedException {
    SessionEntry<Upstream> session = session();
    Instant before = recorded();
    time.advance(Duration.ofSeconds(100));
    assertThat(session.enter(time.nanos())).isTrue();
    session.leave(time.nanos());
    assertThat(recorded()).isEqualTo(before);

    time.advance(Duration.ofSeconds(3));
    world.sessions.noteActivity();

    assertThat(recorded()).isEqualTo(time.now().minusSeconds(3));
  }

  @Test
  void outageIsNoIdleness() throws InterruptedException {
    session();
    world.close();
    time.advance(COOLDOWN.multipliedBy(3));
    world = new KeeperWorld(ledger, host, time, 2);

    assertThat(world.sessions.reap()).isZero();
    time.advance(COOLDOWN.minusMillis(1));
    assertThat(world.sessions.reap()).isZero();
    time.advance(Duration.ofMillis(1));
    assertThat(world.sessions.reap()).isEqualTo(1);
    await().until(() -> world.sessions.find(key) == null);
  }
}
