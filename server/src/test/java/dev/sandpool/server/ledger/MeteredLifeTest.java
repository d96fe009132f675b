package dev.sandpool.server.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MeteredLifeTest {
  private static final Instant READY = Instant.parse("1970-01-01T05:50:00Z");
  private static final Reserved HALF = new Reserved(500, 1L << 30);
  private static final long BEGIN = Duration.ofDays(3).toNanos();

  private static Map<Long, UsageAmounts> life(@Nullable Integer allocated, int end) {
    Long at = allocated == null ? null : Long.valueOf(BEGIN + nanos(allocated));
    return new MeteredLife(READY, BEGIN, at, BEGIN + nanos(end), HALF).byHour();
  }

  private static UsageAmounts in(Map<Long, UsageAmounts> hours, long hour) {
    return hours.getOrDefault(hour, UsageAmounts.NONE);
  }

  private static long nanos(int minutes) {
    return Duration.ofMinutes(minutes).toNanos();
  }

  private static long micros(int minutes) {
    return nanos(minutes) / 1000;
  }

  @Test
  void whatSpansHoursIsSplitWhereTheyEnd() {
    Map<Long, UsageAmounts> hours = life(5, 80);
    assertThat(hours.keySet()).containsExactly(5L, 6L, 7L);
    assertThat(in(hours, 5L).readyMicros()).isEqualTo(micros(5));
    assertThat(in(hours, 5L).allocatedMicros()).isEqualTo(micros(5));
    assertThat(in(hours, 6L).allocatedMicros()).isEqualTo(micros(60));
    assertThat(in(hours, 7L).allocatedMicros()).isEqualTo(micros(10));
    assertThat(in(hours, 6L).milliCpuMillis()).isEqualTo(micros(60) * 500 / 1000);
    assertThat(in(hours, 6L).mebibyteMillis()).isEqualTo(micros(60) * 1024 / 1000);
  }

  @Test
  void aSessionHasAnHourForEachThatItBegins() {
    Map<Long, UsageAmounts> hours = life(5, 125);
    assertThat(in(hours, 5L).sessions()).isEqualTo(1);
    assertThat(hours.values().stream().mapToLong(UsageAmounts::sessions).sum()).isEqualTo(1);
    assertThat(hours.values().stream().mapToLong(UsageAmounts::sessionHours).sum())
        .as("of two full hours")
        .isEqualTo(2);
    assertThat(life(5, 126).values().stream().mapToLong(UsageAmounts::sessionHours).sum())
        .as("and of a minute more")
        .isEqualTo(3);
  }

  @Test
  void whatNobodyGotHasNoSession() {
    assertThat(life(null, 20).get(6L)).isEqualTo(UsageAmounts.ready(micros(10), HALF));
  }

  @Test
  void aSessionOfNoTimeAtAllHasBegun() {
    assertThat(in(life(5, 5), 5L).sessionHours()).isEqualTo(1);
    assertThat(in(life(5, 4), 5L).allocatedMicros()).isZero();
  }
}
