package dev.sandpool.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A value whose unit can be read in two ways is refused. */
class UnitsTest {
  @ParameterizedTest
  @CsvSource({"250ms,PT0.25S", "30s,PT30S", "5m,PT5M", "1h,PT1H", "2d,PT48H", "0s,PT0S"})
  void durationsHaveAUnit(String text, Duration expected) {
    assertThat(Durations.parse(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "30", "s", "-1s", "1.5s", "1h30m", " 1s", "1S", "9999999999s"})
  void otherDurationsAreRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Durations.parse(text));
  }

  @ParameterizedTest
  @CsvSource({
    "0,0",
    "65536,65536",
    "64Ki,65536",
    "512Mi,536870912",
    "1.5Gi,1610612736",
    "1Ti,1099511627776"
  })
  void sizesAreBinary(String text, long expected) {
    assertThat(Sizes.parse(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1K", "1MB", "1G", "-1", "1.5", "Mi", "1 Mi", "999999999999999Ti"})
  void otherSizesAreRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Sizes.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:0", "127.9.9.9:1", "localhost:1", "[::1]:1"})
  void loopbackIsKnownWithoutAResolver(String text) {
    assertThat(ListenAddress.parse(text).isLoopback()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0:0", "[::]:1", "localhost.example.org:1", "10.0.0.1:1"})
  void everythingElseIsReachable(String text) {
    assertThat(ListenAddress.parse(text).isLoopback()).isFalse();
  }

  @Test
  void anAddressIsWrittenAsItIsRead() {
    assertThat(ListenAddress.parse("[::1]:80").withPort(81)).hasToString("[::1]:81");
  }
}
