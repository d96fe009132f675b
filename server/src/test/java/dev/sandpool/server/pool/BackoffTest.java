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
      failures.add(REVISION, PROBLEM, now, now);
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
    failures.add(REVISION, PROBLEM, 0, 0);
    failures.add(REVISION, PROBLEM, 0, 0);
    long later = Duration.ofMillis(400).toNanos();
    assertThat(failures.pause(REVISION, Backoff.DEFAULT, later)).isEqualTo(Duration.ofMillis(600));
  }

  @Test
  void startsThatFailTogetherCountOnce() {
    var failures = new Failures();
    for (int i = 0; i < 8; i++) {
      failures.add(REVISION, PROBLEM, millis(i), millis(100 + i));
    }
    assertThat(failures.count(REVISION)).isEqualTo(1);
    assertThat(failures.pause(REVISION, Backoff.DEFAULT, millis(107))).isEqualTo(Duration.ZERO);
  }

  @Test
  void startsThatBeganAfterAFailureCountAgain() {
    var failures = new Failures();
    // Four at a time, each begun anew 10 ms after it has failed.
    for (int wave = 0; wave < 5; wave++) {
      for (int i = 0; i < 4; i++) {
        int begun = 1000 * wave + i;
        failures.add(REVISION, PROBLEM, millis(begun), millis(begun + 990));
      }
    }
    assertThat(failures.count(REVISION)).isEqualTo(5);
    assertThat(failures.pause(REVISION, Backoff.DEFAULT, millis(4993)))
        .isEqualTo(Duration.ofSeconds(8));
  }

  @Test
  void thePauseRunsFromTheLastOfAWave() {
    var failures = new Failures();
    failures.add(REVISION, PROBLEM, millis(0), millis(100));
    failures.add(REVISION, PROBLEM, millis(110), millis(200));
    failures.add(REVISION, PROBLEM, millis(120), millis(700));
    assertThat(failures.pause(REVISION, Backoff.DEFAULT, millis(800)))
        .isEqualTo(Duration.ofMillis(900));
  }

  private static long millis(long millis) {
    return Duration.ofMillis(millis).toNanos();
  }
}
