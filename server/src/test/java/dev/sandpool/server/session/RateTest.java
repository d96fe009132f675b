package dev.sandpool.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A bound must hold over every stretch of time, and the wait that it names must be enough. */
class RateTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  @Test
  void soManyAtOnceThenEvenly() {
    var rate = new Rate(0);
    for (int i = 0; i < 5; i++) {
      assertThat(rate.take(0, 5, SECOND)).isZero();
    }
    assertThat(rate.take(0, 5, SECOND)).isEqualTo(SECOND / 5);
    assertThat(rate.take(SECOND / 5, 5, SECOND)).isZero();
    assertThat(rate.take(SECOND / 5, 5, SECOND)).isPositive();

    rate.giveBack(5, SECOND);
    assertThat(rate.take(SECOND / 5, 5, SECOND)).isZero();
    assertThat(rate.isFull(SECOND / 5)).isFalse();
    assertThat(rate.isFull(3 * SECOND)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void neverMoreThanTwiceInAnyPeriod_andWhoWaitsAsToldIsServed(long seed) {
    var random = new Random(seed);
    int many = 1 + random.nextInt(20);
    var rate = new Rate(0);
    long now = 0;
    long taken = 0;
    for (int i = 0; i < 5000; i++) {
      now += random.nextLong(SECOND / many);
      long wait = rate.take(now, many, SECOND);
      if (wait > 0 && random.nextBoolean()) {
        now += wait;
        wait = rate.take(now, many, SECOND);
        assertThat(wait).as("waited as told, seed %d", seed).isZero();
      }
      taken += wait == 0 ? 1 : 0;
      assertThat(taken)
          .as("seed %d, %d a second, after %d ns", seed, many, now)
          .isLessThanOrEqualTo(many + (now * many) / SECOND + 1);
    }
  }

  @Test
  void callersAreToldWholeSeconds() {
    assertThat(Rate.seconds(0)).isEqualTo(1);
    assertThat(Rate.seconds(SECOND)).isEqualTo(1);
    assertThat(Rate.seconds(SECOND + 1)).isEqualTo(2);
  }
}
