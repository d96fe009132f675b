package dev.sandpool.server.ledger.sqlite;

import dev.sandpool.server.ledger.LedgerUnavailableException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * One piece of work for a database thread.
 *
 * <p>The outcome is seen only after {@link #finish}: a writer runs several jobs, commits, and only
 * then may any caller act on what it was told.
 */
abstract sealed class Job<T> permits AwaitedJob, ToldJob {
  /** What is done on the database thread. */
  interface Work<T> {
    T run(Db db) throws SQLException;
  }

  private final Work<T> work;
  private @Nullable T result;
  private @Nullable RuntimeException failure;

  Job(Work<T> work) {
    this.work = work;
  }

  /**
   * Does the work. An exception of the work's own is kept for the caller and thrown as well. May be
   * run again when what it did was rolled back.
   */
  final void run(Db db) throws SQLException {
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
  final void fail(Throwable cause) {
    failure =
        new LedgerUnavailableException("the ledger cannot be used: " + cause.getMessage(), cause);
  }

  /** Lets the caller know: nothing of the outcome changes any more. Never throws. */
  abstract void finish();

  /** What came of it. */
  final T outcome() {
    if (failure != null) {
      throw failure;
    }
    if (result == null) {
      throw new IllegalStateException("a job of the ledger has no outcome");
    }
    return result;
  }
}
