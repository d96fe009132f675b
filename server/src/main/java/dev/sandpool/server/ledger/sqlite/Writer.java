package dev.sandpool.server.ledger.sqlite;

import dev.sandpool.server.linux.TimeSlice;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * The one thread that writes. It takes all that waits and commits it as one transaction, each job
 * within a savepoint, so that one that fails leaves the others as they are.
 */
final class Writer extends DbThread {
  /** Runs of a batch without the jobs that spoilt it; then the rest fails with the last one. */
  private static final int SPOILERS_PER_BATCH = 3;

  private final JobQueue queue;
  private final int batchLimit;
  private final Checkpointer checkpointer;
  private final LongConsumer commits;
  private final List<Job<?>> batch = new ArrayList<>();

  /**
   * @param commits told how many nanoseconds each group took that was committed
   */
  Writer(
      Opener opener,
      JobQueue queue,
      int batchLimit,
      Checkpointer checkpointer,
      LongConsumer commits) {
    super("ledger-writer", opener);
    this.queue = queue;
    this.batchLimit = batchLimit;
    this.checkpointer = checkpointer;
    this.commits = commits;
  }

  @Override
  void work() {
    TimeSlice.shorten();
    for (Job<?> next = queue.take(); next != null; next = queue.take()) {
      batch.add(next);
      queue.drainTo(batch, batchLimit - 1);
      write(batch);
      batch.forEach(Job::finish);
      checkpoint(batch.size());
      batch.clear();
    }
  }

  /** Commits what can be committed; the others are failed. Nobody may be left waiting. */
  private void write(List<Job<?>> jobs) {
    List<Job<?>> pending = new ArrayList<>(jobs);
    for (int spoilers = 0; !pending.isEmpty(); spoilers++) {
      try {
        commit(pending);
        succeeded();
        return;
      } catch (SpoiltException e) {
        failed(e.cause());
        e.job().fail(e.cause());
        pending.remove(e.job());
        if (spoilers == SPOILERS_PER_BATCH) {
          pending.forEach(job -> job.fail(e.cause()));
          return;
        }
      } catch (Throwable e) {
        failed(e);
        pending.forEach(job -> job.fail(e));
        return;
      }
    }
  }

  private void commit(List<Job<?>> jobs) throws SQLException, SpoiltException {
    Db db = connected();
    long begin = System.nanoTime();
    db.run("BEGIN IMMEDIATE");
    for (Job<?> job : jobs) {
      runInSavepoint(db, job);
    }
    db.run("COMMIT");
    commits.accept(System.nanoTime() - begin);
  }

  private static void runInSavepoint(Db db, Job<?> job) throws SQLException, SpoiltException {
    db.run("SAVEPOINT job");
    try {
      job.run(db);
    } catch (RuntimeException | SQLException e) {
      rollBack(db, job, e);
    }
    db.run("RELEASE job");
  }

  private static void rollBack(Db db, Job<?> job, Exception cause) throws SpoiltException {
    try {
      db.run("ROLLBACK TO job");
    } catch (SQLException e) {
      cause.addSuppressed(e);
      throw new SpoiltException(job, cause);
    }
  }

  /** A job failed so that SQLite gave up the whole transaction, as it does on a full disk. */
  private static final class SpoiltException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Job<?> job;
    private final Exception cause;

    private SpoiltException(Job<?> job, Exception cause) {
      super(cause);
      this.job = job;
      this.cause = cause;
    }

    private Job<?> job() {
      return job;
    }

    private Exception cause() {
      return cause;
    }
  }

  private void checkpoint(int jobs) {
    if (checkpointer.written(jobs)) {
      try {
        Checkpointer.checkpoint(connected());
      } catch (SQLException e) {
        failed(e);
      }
    }
  }
}
