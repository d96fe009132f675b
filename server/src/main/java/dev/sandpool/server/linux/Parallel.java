package dev.sandpool.server.linux;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Steps on other threads, waited for. */
public final class Parallel {
  private Parallel() {}

  /** One step. */
  @FunctionalInterface
  public interface Step<E extends Exception> {
    /** Does it. */
    void run() throws E, IOException;
  }

  /**
   * Runs both and returns when both have ended, also where one fails: nothing goes on afterwards.
   *
   * @param beside runs in a virtual thread
   * @throws IOException what one threw; the other's is suppressed
   */
  public static <E extends Exception> void run(Step<RuntimeException> beside, Step<E> here)
      throws E, IOException {
    var task =
        new FutureTask<Boolean>(
            () -> {
              beside.run();
              return true;
            });
    Thread.ofVirtual().name("beside").start(task);
    try {
      here.run();
    } catch (Exception e) {
      try {
        join(task);
      } catch (IOException | RuntimeException other) {
        e.addSuppressed(other);
      }
      throw e;
    }
    join(task);
  }

  /**
   * Runs a step on a platform thread that ends with it, and returns when it has ended: for a step
   * that changes the namespaces of its thread, which is good for nothing else afterwards.
   *
   * @throws IOException what it threw
   */
  public static void onThreadOfItsOwn(String name, Step<RuntimeException> step) throws IOException {
    var task =
        new FutureTask<Boolean>(
            () -> {
              step.run();
              return true;
            });
    Thread.ofPlatform().name(name).daemon().start(task);
    join(task);
  }

  private static void join(FutureTask<Boolean> task) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          task.get();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case null, default -> throw new IOException(e);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
