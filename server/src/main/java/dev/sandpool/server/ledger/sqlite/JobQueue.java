package dev.sandpool.server.ledger.sqlite;

import dev.sandpool.server.ledger.LedgerUnavailableException;
import java.util.Collection;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * A bounded line of jobs. Whoever finds it full is refused at once: waiting longer would only hide
 * that the disk does not keep up.
 */
final class JobQueue {
  private final BlockingQueue<Job<?>> jobs;
  private final int capacity;
  private volatile boolean closed;
  private volatile @Nullable LedgerUnavailableException refused;

  JobQueue(int capacity) {
    this.capacity = capacity;
    this.jobs = new ArrayBlockingQueue<>(capacity);
  }

  /** Has the work done by a database thread and waits for it. */
  <T> T call(Job.Work<T> work) {
    var job = new AwaitedJob<>(work);
    submit(job);
    return job.await();
  }

  /**
   * Takes a job in; never waits.
   *
   * @throws LedgerUnavailableException if it is refused: then it is never run
   */
  void submit(Job<?> job) {
    if (closed) {
      throw closedException();
    }
    LedgerUnavailableException refusal = refused;
    if (refusal != null) {
      throw new LedgerUnavailableException(String.valueOf(refusal.getMessage()), refusal);
    }
    if (!jobs.offer(job)) {
      throw new LedgerUnavailableException(
          "the ledger is behind: " + capacity + " operations are waiting for it", null);
    }
    // Closed in between: the threads may have ended without seeing the job. If it is still in the
    // queue nobody will run it; if not, somebody does.
    if (closed && jobs.remove(job)) {
      throw closedException();
    }
  }

  /** The next job; waits for one. Null when the queue is closed and empty: then the thread ends. */
  @Nullable Job<?> take() {
    while (!closed) {
      try {
        return jobs.take();
      } catch (InterruptedException e) {
        // Only the end of the ledger interrupts; the loop's condition tells.
      }
    }
    return jobs.poll();
  }

  /** Moves what is waiting, at most {@code limit} jobs. */
  void drainTo(Collection<Job<?>> batch, int limit) {
    jobs.drainTo(batch, limit);
  }

  /** How many wait. */
  int size() {
    return jobs.size();
  }

  /** Refuses new jobs from now on, for that reason. */
  void refuse(LedgerUnavailableException reason) {
    refused = reason;
  }

  /** Refuses new jobs; those accepted are still done. The threads must be interrupted after. */
  void close() {
    closed = true;
  }

  private static LedgerUnavailableException closedException() {
    return new LedgerUnavailableException("the ledger is closed", null);
  }
}
