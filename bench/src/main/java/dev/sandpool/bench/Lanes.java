package dev.sandpool.bench;

import dev.sandpool.server.linux.Syscalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads that live one life after another, so that always as many are under way. */
final class Lanes implements AutoCloseable {
  /** One life; how long its first answer took, in milliseconds. */
  @FunctionalInterface
  interface Life {
    double live(int number) throws Exception;
  }

  private final int width;
  private final ExecutorService threads;
  private volatile boolean closed;

  private Lanes(int width, ThreadFactory threads) {
    this.width = width;
    this.threads = Executors.newFixedThreadPool(width, threads);
  }

  /** Plain ones. */
  static Lanes plain(int width) {
    return new Lanes(width, work -> new Thread(work, "lane"));
  }

  /**
   * Lanes whose processes do not see /proc/sys/net: up to 20240729 gVisor's {@code run} refuses its
   * own network stack where rmem_default is there (google/gvisor issue 10704).
   */
  static Lanes hidingNetworkSettings(int width) {
    return new Lanes(
        width,
        work ->
            new Thread(
                () -> {
                  hideNetworkSettings();
                  work.run();
                },
                "hidden-lane"));
  }

  private static void hideNetworkSettings() {
    try {
      Path empty = Files.createTempDirectory("sandpool-bench-empty");
      Syscalls.unshare(Syscalls.CLONE_NEWNS);
      Syscalls.mount("none", Path.of("/"), null, Syscalls.MS_REC | Syscalls.MS_SLAVE, null);
      Syscalls.mount(empty.toString(), Path.of("/proc/sys/net"), null, Syscalls.MS_BIND, null);
      Files.delete(empty);
    } catch (IOException e) {
      throw new IllegalStateException("no mount namespace of its own", e);
    }
  }

  /** Lives so many lives; the rate counts from the first start to the last removal. */
  StartBed.Round run(int lives, Life life) throws IOException {
    List<Double> answers = Collections.synchronizedList(new ArrayList<>());
    var next = new AtomicInteger();
    long begin = System.nanoTime();
    List<Future<?>> lanes = new ArrayList<>();
    for (int i = 0; i < width; i++) {
      lanes.add(
          threads.submit(
              () -> {
                for (int n = next.getAndIncrement();
                    n < lives && !closed;
                    n = next.getAndIncrement()) {
                  answers.add(life.live(n));
                }
                return null;
              }));
    }
    join(lanes);
    return new StartBed.Round(lives / ((System.nanoTime() - begin) / 1e9), answers);
  }

  private static void join(List<Future<?>> lanes) throws IOException {
    try {
      for (Future<?> lane : lanes) {
        lane.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("a life failed: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Lets the lives under way end and begins no more. */
  @Override
  public void close() throws IOException {
    closed = true;
    threads.shutdown();
    try {
      if (!threads.awaitTermination(30, TimeUnit.SECONDS)) {
        throw new IOException("sandboxes are still starting");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
