package dev.sandpool.server.engine.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** On an emulated processor a runtime that works takes longer than one that hangs elsewhere. */
class SlowHostTest {
  private static Duration trial(Duration startup) {
    return new RuntimeFinder.Found(Path.of("/usr/bin/runsc"), "20240729", startup).trial();
  }

  @Test
  void aRuntimeThatStartsSlowlyGetsMoreTimeForItsTrial() {
    assertThat(trial(Duration.ofSeconds(5))).isEqualTo(Duration.ofSeconds(100));
  }

  @Test
  void aHangingRuntimeOnAUsualHostIsGivenUpAfterEightSeconds() {
    assertThat(trial(Duration.ofMillis(40))).isEqualTo(Duration.ofSeconds(8));
    assertThat(trial(Duration.ZERO)).isEqualTo(Duration.ofSeconds(8));
  }
}
