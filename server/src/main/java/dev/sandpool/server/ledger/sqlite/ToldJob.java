package dev.sandpool.server.ledger.sqlite;

import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A job whose caller does not wait and is told on the database thread. */
final class ToldJob<T> extends Job<T> {
  private static final Logger log = LoggerFactory.getLogger(ToldJob.class);

  private final Consumer<T> done;
  private final Consumer<RuntimeException> failed;

  ToldJob(Work<T> work, Consumer<T> done, Consumer<RuntimeException> failed) {
    super(work);
    this.done = done;
    this.failed = failed;
  }

  @Override
  void finish() {
    T outcome;
    try {
      outcome = outcome();
    } catch (RuntimeException e) {
      tell(failed, e);
      return;
    }
    tell(done, outcome);
  }

  /** Whatever the caller does wrong must not take the thread away that all others wait for. */
  private static <V> void tell(Consumer<V> listener, V what) {
    try {
      listener.accept(what);
    } catch (RuntimeException e) {
      log.error("who was told of the ledger's outcome failed", e);
    }
  }
}
