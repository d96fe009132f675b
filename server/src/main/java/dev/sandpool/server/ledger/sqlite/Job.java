package dev.sandpool.server.ledger.sqlite;

import dev.sandpool.server.ledger.LedgerUnavailableException;
import java.sql.SQLException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One piece of work for a database thread, and the caller who waits for its outcome.
 *
 * <p>The outcome is seen only after {@link #finish}: a writer runs several jobs, commits, and only
 * then may any caller act on what it was told.
 */
final class Job<T> {
  /** What is done on the database thread. */
  interface Work<T> {
    T run(Db db) throws SQLException;
  }

  private final Work<T> work;
  private final Thread caller = Thread.currentThread();
  private @Nullable T result;
  private @Nullable RuntimeException failure;
  private volatile boolean finished;

  Job(Work<T> work) {
    this.work = work;
  }

  /**
   * Does the work. An exception of the work's own is kept for the caller and thrown as well. May be
   * run again when what it did was rolled back.
   */
  void run(Db db) throws SQLException {
    failure = null;
    try {
      result = work.run(db);
    } catch (RuntimeException e) {
      failure = e;
      throw e;
    } catch (SQLException e) {
      fail(e);
      throw e;
    }
  }

  /** The ledger is at fault, not the work: the caller is told to come again. */
  void fail(Throwable cause) {
    failure =
        new LedgerUnavailableException("the ledger cannot be used: " + cause.getMessage(), cause);
  }

  /** Lets the caller go on. */
  void finish() {
    finished = true;
    LockSupport.unpark(caller);
  }

  /**
   * Waits for the outcome, also when interrupted: the work may be committed already, and a caller
   * who left would leave a claimed sandbox to nobody.
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
    if (failure != null) {
      throw failure;
    }
    if (result == null) {
      throw new IllegalStateException("a job of the ledger has no outcome");
    }
    return result;
  }
}
