package dev.sandpool.server.ledger.sqlite;

import java.util.concurrent.locks.LockSupport;

/** A job whose caller, the thread that made it, waits for its outcome. */
final class AwaitedJob<T> extends Job<T> {
  private final Thread caller = Thread.currentThread();
  private volatile boolean finished;

  AwaitedJob(Work<T> work) {
    super(work);
  }

  @Override
  void finish() {
    finished = true;
    LockSupport.unpark(caller);
  }

  /**
   * Waits for the outcome, also when interrupted: the work may be committed already, and a caller
   * who left would not know.
   */
  T await() {
    boolean interrupted = false;
    while (!finished) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return outcome();
  }
}
