package dev.sandpool.server.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.RevisionId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Slots rest by the monotonic clock; what wall time the ledger has of an end does not matter. */
class RestingSlotsTest {
  private static final Duration REST = Duration.ofSeconds(60);

  private final RestingSlots resting = new RestingSlots(REST);
  private final SandboxId id = SandboxId.random(new Random(1));

  @Test
  void anEndThatTheWallClockPutsLongAgoRestsAllTheSame() {
    List<SandboxRecord> gone =
        List.of(gone(Instant.EPOCH), gone(Instant.parse("2999-01-01T00:00:00Z")));
    for (SandboxRecord record : gone) {
      var fresh = new RestingSlots(REST);
      assertThat(fresh.rested(List.of(record), 7)).isEmpty();
      assertThat(fresh.rested(List.of(record), 6 + REST.toNanos())).isEmpty();
      assertThat(fresh.rested(List.of(record), 7 + REST.toNanos())).containsExactly(record);
    }
  }

  @Test
  void whatIsForgottenIsNotRemembered() {
    assertThat(resting.rested(List.of(gone(Instant.EPOCH)), 0)).isEmpty();
    assertThat(resting.rested(List.of(), 1)).isEmpty();
    assertThat(resting.rested(List.of(gone(Instant.EPOCH)), REST.toNanos())).isEmpty();
  }

  private SandboxRecord gone(Instant endedAt) {
    return new SandboxRecord(
        id,
        new RevisionId(new PoolId("poolaaaaaa"), 1),
        0,
        NetworkStatus.EGRESS_DISABLED,
        1,
        8080,
        null,
        SandboxState.GONE,
        null,
        null,
        Instant.EPOCH,
        null,
        null,
        null,
        endedAt,
        null);
  }
}
