package dev.sandpool.server.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.RevisionId;
import dev.sandpool.server.pool.Pools.Problem;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A crash loop must not eat the host. */
class BackoffTest {
  private static final RevisionId REVISION = new RevisionId(new PoolId("poolaaaaaa"), 1);
  private static final Problem PROBLEM = new Problem("ContainerCrashing", "exit 1", false);

  @Test
  void pausesDoubleUpToTheMost() {
    Backoff backoff = Backoff.DEFAULT;
    assertThat(backoff.after(0)).isEqualTo(Duration.ZERO);
    assertThat(backoff.after(1)).isEqualTo(Duration.ZERO);
    assertThat(backoff.after(2)).isEqualTo(Duration.ofSeconds(1));
    assertThat(backoff.after(4)).isEqualTo(Duration.ofSeconds(4));
    assertThat(backoff.after(1000)).isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void aLoopOfShortSuccessesAndFailuresIsStillALoop() {
    var failures = new Failures();
    for (int i = 0; i < 5; i++) {
      long now = Duration.ofSeconds(i).toNanos();
      failures.add(REVISION, PROBLEM, now);
      failures.success(REVISION, now + Duration.ofMillis(500).toNanos());
    }
    assertThat(failures.count(REVISION)).isEqualTo(5);
    failures.success(REVISION, Duration.ofMinutes(1).toNanos());
    assertThat(failures.count(REVISION)).isZero();
    assertThat(failures.last(REVISION)).isNull();
  }

  @Test
  void thePauseRunsFromTheLastFailure() {
    var failures = new Failures();
    failures.add(REVISION, PROBLEM, 0);
    failures.add(REVISION, PROBLEM, 0);
    long later = Duration.ofMillis(400).toNanos();
    assertThat(failures.pause(REVISION, Backoff.DEFAULT, later)).isEqualTo(Duration.ofMillis(600));
  }
}
