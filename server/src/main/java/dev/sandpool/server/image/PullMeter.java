package dev.sandpool.server.image;

import dev.sandpool.server.image.ImageStore.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Tells once a second how much of a pull has arrived, by the size of what is written, and
 * interrupts the thread that pulls once there is clearly more than the image says it has, or the
 * disk is as full as it may be: else a registry or an archive could fill it.
 */
final class PullMeter implements AutoCloseable {
  private final Path directory;
  private final long before;

  /** What a tool writes beside the layers. */
  private static final long SLACK = 16 << 20;

  /** An image has a hundred layers. */
  private static final long MOST_FILES = 10_000;

  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread puller = Thread.currentThread();
  private boolean closed;
  private Excess excess = Excess.NONE;

  /** Why a pull was interrupted. */
  enum Excess {
    /** It was not. */
    NONE,
    /** There was more than was said, or more files than any image has. */
    SIZE,
    /** Others had taken the room. */
    DISK
  }

  /**
   * @param directory that it is written to
   * @param missing bytes that are to come
   * @param full whether the disk is as full as it may be
   */
  PullMeter(Path directory, long missing, Progress progress, BooleanSupplier full) {
    this.directory = directory;
    this.before = written();
    Thread.ofVirtual().name("pull-meter").start(() -> tell(missing, progress, full));
  }

  private void tell(long missing, Progress progress, BooleanSupplier full) {
    try {
      while (!over.await(1, TimeUnit.SECONDS)) {
        long arrived = Math.max(0, written() - before);
        if (arrived > missing + SLACK) {
          stop(Excess.SIZE);
          return;
        }
        if (full.getAsBoolean()) {
          stop(Excess.DISK);
          return;
        }
        progress.step("pulling " + (arrived >> 20) + " of " + megabytes(missing));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void stop(Excess why) {
    if (!closed) {
      excess = why;
      puller.interrupt();
    }
  }

  /** Why it has interrupted the pull. Asked by the thread that pulls, once that has ended. */
  synchronized Excess excess() {
    return excess;
  }

  /** As many as nobody may bring, where there are more files than an image has. */
  private long written() {
    try (Stream<Path> files = Files.walk(directory)) {
      List<Path> all = files.limit(MOST_FILES).toList();
      return all.size() < MOST_FILES
          ? all.stream().filter(Files::isRegularFile).mapToLong(PullMeter::size).sum()
          : Long.MAX_VALUE / 2;
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
