package dev.sandpool.server.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Guesses are bounded by address, and the bounds by memory. */
class FailedTokensTest {
  private final AtomicLong nanos = new AtomicLong(1);
  private final FailedTokens failed = new FailedTokens(3, _ -> "", nanos::get);

  @Test
  void anAddressThatWasWrongTooOftenWaits_othersDoNot() {
    for (int i = 0; i < 3; i++) {
      assertThat(failed.take("10.0.0.1")).isZero();
    }
    assertThat(failed.take("10.0.0.1")).isEqualTo(20);
    assertThat(failed.take("10.0.0.2")).isZero();

    nanos.addAndGet(Duration.ofSeconds(20).toNanos());
    assertThat(failed.take("10.0.0.1")).isZero();
    assertThat(failed.take("10.0.0.1")).isEqualTo(20);
  }

  @Test
  void whatWasGoodCostsNothing() {
    for (int i = 0; i < 100; i++) {
      assertThat(failed.take("10.0.0.1")).isZero();
      failed.giveBack("10.0.0.1");
    }
  }

  @Test
  void anIPv6NetworkIsOneAddress_howeverItIsWritten() {
    assertThat(failed.take("2001:db8:0:1:0:0:0:1")).isZero();
    assertThat(failed.take("2001:db8:0:1::2")).isZero();
    assertThat(failed.take("2001:DB8:0:1:ffff::3")).isZero();
    assertThat(failed.take("2001:db8:0:1::4")).isPositive();
    assertThat(failed.take("2001:db8:0:2::1")).isZero();
  }

  @Test
  void noNumberOfAddressesFillsTheMemory_andThoseBeyondAreBoundedTogether() {
    for (int i = 0; i < 40_000; i++) {
      failed.take("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255));
    }
    assertThat(failed.size()).isEqualTo(16_385);
    assertThat(failed.take("10.9.9.9")).isPositive();

    nanos.addAndGet(Duration.ofMinutes(1).toNanos());
    assertThat(failed.take("10.9.9.9")).isZero();
    assertThat(failed.size()).isEqualTo(1);
  }
}
