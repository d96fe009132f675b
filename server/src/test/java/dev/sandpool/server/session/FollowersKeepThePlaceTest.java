package dev.sandpool.server.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.MemoryLedger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.Samples;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.time.Time;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who asks for a session that is sought already must not fall behind those who came later. */
class FollowersKeepThePlaceTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private final MemoryLedger ledger = new MemoryLedger();
  private final PoolRecord pool = Samples.pool(1, 10);
  private final SessionKey wanted = new SessionKey(pool.id(), "wanted");
  private final SessionKey later = new SessionKey(pool.id(), "later");
  private final Sessions<Upstream> sessions =
      new Sessions<>(
          ledger,
          new NoneReady(),
          (sandbox, address, port) -> () -> {},
          Time.system(),
          new AllocationSettings(100, Duration.ZERO));
  private int made;

  private static final class NoneReady implements Sandboxes {
    @Override
    public void replenish(PoolId id) {}

    @Override
    public boolean destroy(SandboxId sandbox, String reason, Duration atMost) {
      return false;
    }

    @Override
    public String whyNoneReady(PoolId id) {
      return "there is none";
    }
  }

  /** Somebody who waits. */
  private final class Caller {
    private final Presence presence = new Presence();
    private final FutureTask<Allocation<Upstream>> result;
    private final Thread thread;

    Caller(SessionKey key, Duration atMost) {
      result = new FutureTask<>(() -> sessions.allocate(key, atMost, presence));
      thread = Thread.ofPlatform().daemon().start(result);
      await().until(() -> result.isDone() || thread.getState() == Thread.State.TIMED_WAITING);
    }

    Allocation<Upstream> result() throws Exception {
      return result.get(20, TimeUnit.SECONDS);
    }
  }

  @BeforeEach
  void createPool() {
    ledger.putPool(pool, Samples.document(pool));
  }

  private Caller waiting(SessionKey key, Duration atMost, int inLine) {
    var caller = new Caller(key, atMost);
    await().until(() -> sessions.waiting(pool.id()) == inLine);
    return caller;
  }

  private void makeReady() {
    SandboxId id = Samples.sandboxId(++made);
    ledger.recordStarting(
        new SandboxRecord(
            id,
            pool.desired().id(),
            made,
            NetworkStatus.EGRESS_DISABLED,
            1,
            80,
            null,
            SandboxState.STARTING,
            null,
            null,
            Samples.NOW,
            null,
            null,
            null,
            null,
            null));
    ledger.markReady(id, "127.0.0.1", Samples.NOW);
    sessions.poolChanged(pool.id());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whoFollowsOneThatGivesUpIsServedBeforeWhoCameLater(boolean leaves) throws Exception {
    Caller leader = waiting(wanted, leaves ? LONG : Duration.ofSeconds(2), 1);
    Caller follower = waiting(wanted, LONG, 1);
    Caller second = waiting(wanted, LONG, 1);
    Caller other = waiting(later, LONG, 2);

    if (leaves) {
      leader.presence.leave();
    }
    assertThat(leader.result())
        .isInstanceOf(leaves ? Allocation.Left.class : Allocation.NoneReady.class);
    makeReady();

    Allocation<Upstream> one = follower.result();
    assertThat(one).isInstanceOf(Allocation.Held.class);
    assertThat(((Allocation.Held<Upstream>) second.result()).entry())
        .isSameAs(((Allocation.Held<Upstream>) one).entry());
    assertThat(other.result.isDone()).as("served before those who came first").isFalse();
    makeReady();
    assertThat(other.result()).isInstanceOf(Allocation.Held.class);
  }

  @Test
  void placeOfThoseWhoHaveAllLeftIsNobodys() throws Exception {
    Caller leader = waiting(wanted, LONG, 1);
    Caller follower = waiting(wanted, LONG, 1);
    Caller other = waiting(later, LONG, 2);

    follower.presence.leave();
    leader.presence.leave();

    assertThat(leader.result()).isInstanceOf(Allocation.Left.class);
    assertThat(follower.result()).isInstanceOf(Allocation.Left.class);
    assertThat(sessions.waiting(pool.id())).isEqualTo(1);
    assertThat(sessions.isUnderWay(wanted)).isFalse();
    makeReady();
    assertThat(other.result()).isInstanceOf(Allocation.Held.class);
  }
}
