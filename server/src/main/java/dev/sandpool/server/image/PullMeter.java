package dev.sandpool.server.image;

import dev.sandpool.server.image.ImageStore.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Tells once a second how much of a pull has arrived, by the size of what is written, and
 * interrupts the thread that pulls once there is clearly more than the image says it has: else a
 * registry could fill the disk.
 */
final class PullMeter implements AutoCloseable {
  private final Path directory;
  private final long before;

  /** What a tool writes beside the layers. */
  private static final long SLACK = 16 << 20;

  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread puller = Thread.currentThread();
  private boolean closed;
  private boolean exceeded;

  /**
   * @param directory that it is written to
   * @param missing bytes that are to come
   */
  PullMeter(Path directory, long missing, Progress progress) {
    this.directory = directory;
    this.before = written();
    Thread.ofVirtual().name("pull-meter").start(() -> tell(missing, progress));
  }

  private void tell(long missing, Progress progress) {
    try {
      while (!over.await(1, TimeUnit.SECONDS)) {
        long arrived = Math.max(0, written() - before);
        if (arrived > missing + SLACK) {
          stop();
          return;
        }
        progress.step("pulling " + (arrived >> 20) + " of " + megabytes(missing));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void stop() {
    if (!closed) {
      exceeded = true;
      puller.interrupt();
    }
  }

  /** Whether it has interrupted the pull. Asked by the thread that pulls, once that has ended. */
  synchronized boolean exceeded() {
    return exceeded;
  }

  private long written() {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).mapToLong(PullMeter::size).sum();
    } catch (IOException | UncheckedIOException vanished) {
      return 0;
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException vanished) {
      return 0;
    }
  }

  static String megabytes(long bytes) {
    return ((bytes + (1 << 20) - 1) >> 20) + " MB";
  }

  @Override
  public synchronized void close() {
    closed = true;
    over.countDown();
  }
}
