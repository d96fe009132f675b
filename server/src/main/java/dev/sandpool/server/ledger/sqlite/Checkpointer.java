package dev.sandpool.server.ledger.sqlite;

import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The thread that copies the write-ahead log into the database, so that the writer need not stop
 * for it: a checkpoint syncs the disk, and all claims would wait.
 *
 * <p>While writes keep coming it never catches up entirely, and only a log that is copied entirely
 * is begun anew. Once the log is long the writer is therefore asked to copy the last few pages.
 */
final class Checkpointer extends DbThread {
  private static final int JOBS_BETWEEN = 1_000;
  private static final int LONG_LOG_PAGES = 8_192;

  private final AtomicInteger written = new AtomicInteger();
  private volatile boolean closed;
  private volatile boolean helpWanted;

  Checkpointer(Opener opener) {
    super("ledger-checkpointer", opener);
  }

  /** The writer has committed jobs. Answers whether it should make a checkpoint itself, now. */
  boolean written(int jobs) {
    if (written.addAndGet(jobs) >= JOBS_BETWEEN) {
      wake();
    }
    boolean help = helpWanted;
    helpWanted = false;
    return help;
  }

  /** Copies what can be copied without waiting for anybody; answers the log's length in pages. */
  static int checkpoint(Db db) throws SQLException {
    return db.first(row -> row.getInt(2), "PRAGMA wal_checkpoint(PASSIVE)").orElse(0);
  }

  @Override
  void work() {
    while (!closed) {
      if (written.get() < JOBS_BETWEEN) {
        LockSupport.park(this);
      } else {
        written.set(0);
        checkpointNow();
      }
    }
  }

  private void checkpointNow() {
    try {
      helpWanted = checkpoint(connected()) >= LONG_LOG_PAGES;
      succeeded();
    } catch (SQLException | RuntimeException e) {
      failed(e);
    }
  }

  @Override
  public void close() {
    closed = true;
    super.close();
  }
}
