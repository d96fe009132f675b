package dev.sandpool.server.ledger.sqlite;

import java.sql.SQLException;

/** A thread that reads what is committed, beside the writer and not hindered by it. */
final class Reader extends DbThread {
  private final JobQueue queue;

  Reader(int number, Opener opener, JobQueue queue) {
    super("ledger-reader-" + number, opener);
    this.queue = queue;
  }

  @Override
  void work() {
    for (Job<?> job = queue.take(); job != null; job = queue.take()) {
      run(job);
      job.finish();
    }
  }

  private void run(Job<?> job) {
    try {
      job.run(connected());
      succeeded();
    } catch (RuntimeException e) {
      // The caller has it.
      succeeded();
    } catch (SQLException | Error e) {
      job.fail(e);
      failed(e);
    }
  }
}
