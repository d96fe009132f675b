package dev.sandpool.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.ledger.SessionKey;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Code that keeps killing its sandbox must not use up the pool's ready ones. */
class CrashLoopsTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final Duration YOUNG = Duration.ofSeconds(1);

  private final CrashLoops crashes = new CrashLoops(Duration.ofSeconds(8));
  private final SessionKey key = new SessionKey(new PoolId("aaaaaaaaaa"), "user-1");

  private long pauseAfter(int ends) {
    long pause = 0;
    for (int i = 0; i < ends; i++) {
      crashes.ended(key, YOUNG, 0);
      pause = crashes.pause(key, 0);
    }
    return pause / SECOND;
  }

  @Test
  void threeInARowAreForgiven_thenThePauseDoublesUpToItsMost() {
    assertThat(pauseAfter(2)).isZero();
    assertThat(pauseAfter(1)).isEqualTo(1);
    assertThat(pauseAfter(1)).isEqualTo(2);
    assertThat(pauseAfter(1)).isEqualTo(4);
    assertThat(pauseAfter(5)).isEqualTo(8);
    assertThat(crashes.pause(key, 8 * SECOND)).isZero();
    assertThat(crashes.pause(new SessionKey(key.pool(), "user-2"), 0)).isZero();
  }

  @Test
  void longLifeOrLongQuiet_endsTheRow() {
    assertThat(pauseAfter(4)).isPositive();
    crashes.ended(key, Duration.ofSeconds(60), 0);
    assertThat(pauseAfter(2)).isZero();

    assertThat(pauseAfter(2)).isPositive();
    assertThat(crashes.pause(key, 100 * SECOND)).isZero();
    crashes.ended(key, YOUNG, 100 * SECOND);
    assertThat(crashes.pause(key, 100 * SECOND)).isZero();
  }

  @Test
  void noPauseAtAll_whereTheOperatorWantsNone() {
    var off = new CrashLoops(Duration.ZERO);
    for (int i = 0; i < 10; i++) {
      off.ended(key, YOUNG, 0);
    }
    assertThat(off.pause(key, 0)).isZero();
  }

  @Test
  void holdsTheLatestIdentifiersOnly() {
    for (int i = 0; i < 4; i++) {
      crashes.ended(key, YOUNG, 0);
    }
    for (int i = 0; i < 20_000; i++) {
      crashes.ended(new SessionKey(key.pool(), "other-" + i), YOUNG, 0);
    }
    assertThat(crashes.pause(key, 0)).isZero();
  }
}
