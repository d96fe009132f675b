package dev.sandpool.server.engine.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On an emulated processor a runtime that works takes longer than one that hangs elsewhere. */
class SlowHostTest {
  @TempDir Path folder = Path.of("/nonexistent");

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

  @Test
  void aSandboxThatIsThereBeforeItsMonitorHasSaidWhoItIsIsWaitedFor() throws Exception {
    Path file = folder.resolve("monitor.pid");
    var pid = new CompletableFuture<Long>();
    Thread waiting =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    pid.complete(Monitor.awaitPid(file));
                  } catch (IOException e) {
                    pid.completeExceptionally(e);
                  }
                });
    await().until(() -> pid.isDone() || waiting.getState() == Thread.State.TIMED_WAITING);
    Path temporary = Files.writeString(folder.resolve("temporary"), "4321");
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);

    assertThat(pid.get(30, TimeUnit.SECONDS)).isEqualTo(4321);
  }
}
