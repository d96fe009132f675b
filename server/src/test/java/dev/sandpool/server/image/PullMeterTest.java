package dev.sandpool.server.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A registry that sends more than the image has. */
class PullMeterTest {
  private static final long MISSING = 1 << 20;

  @TempDir private Path directory;

  private void arrive(long bytes) throws IOException {
    try (var file = new RandomAccessFile(directory.resolve("layer").toFile(), "rw")) {
      file.setLength(bytes);
    }
  }

  @Test
  void aPullThatGrowsBeyondItsManifestIsInterrupted() throws Exception {
    try (var meter = new PullMeter(directory, MISSING, step -> {})) {
      arrive(64 << 20);
      var never = new CountDownLatch(1);
      boolean interrupted = false;
      try {
        assertThat(never.await(30, TimeUnit.SECONDS)).isFalse();
      } catch (InterruptedException e) {
        interrupted = true;
      }
      assertThat(interrupted).isTrue();
      assertThat(meter.exceeded()).isTrue();
    }
  }

  @Test
  void oneThatBringsWhatWasSaidIsNot() throws Exception {
    var told = new CountDownLatch(2);
    try (var meter = new PullMeter(directory, MISSING, step -> told.countDown())) {
      arrive(MISSING);
      assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(meter.exceeded()).isFalse();
    }
    assertThat(Thread.interrupted()).isFalse();
  }
}
