package dev.sandpool.server.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
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

  /** Waits until the pull that this thread would be is interrupted. */
  private static void untilInterrupted() {
    boolean interrupted = false;
    try {
      assertThat(new CountDownLatch(1).await(30, TimeUnit.SECONDS)).isFalse();
    } catch (InterruptedException e) {
      interrupted = true;
    }
    assertThat(interrupted).isTrue();
  }

  @Test
  void aPullThatGrowsBeyondItsManifestIsInterrupted() throws Exception {
    try (var meter = new PullMeter(directory, MISSING, step -> {}, () -> false)) {
      arrive(64 << 20);
      untilInterrupted();
      assertThat(meter.excess()).isEqualTo(PullMeter.Excess.SIZE);
    }
  }

  @Test
  void oneOfMoreFilesThanAnImageHasIsInterruptedToo() throws Exception {
    try (var meter = new PullMeter(directory, MISSING, step -> {}, () -> false)) {
      for (int i = 0; i < 10_000; i++) {
        Files.createFile(directory.resolve("empty-" + i));
      }
      untilInterrupted();
      assertThat(meter.excess()).isEqualTo(PullMeter.Excess.SIZE);
    }
  }

  @Test
  void oneIsInterruptedWhenOthersHaveTakenTheRoomMeanwhile() {
    try (var meter = new PullMeter(directory, MISSING, step -> {}, () -> true)) {
      untilInterrupted();
      assertThat(meter.excess()).isEqualTo(PullMeter.Excess.DISK);
    }
  }

  @Test
  void oneThatBringsWhatWasSaidIsNot() throws Exception {
    var told = new CountDownLatch(2);
    try (var meter = new PullMeter(directory, MISSING, step -> told.countDown(), () -> false)) {
      arrive(MISSING);
      assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(meter.excess()).isEqualTo(PullMeter.Excess.NONE);
    }
    assertThat(Thread.interrupted()).isFalse();
  }
}
