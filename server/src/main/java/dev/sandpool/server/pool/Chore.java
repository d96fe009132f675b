package dev.sandpool.server.pool;

import dev.sandpool.server.ledger.LedgerUnavailableException;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something of the keeper's that is done again and again, whatever came of it the last time.
 *
 * @param name for a person
 * @param pause between the end of one and the next
 * @param timer runs something after a pause, where it may block
 */
record Chore(String name, Duration pause, BiConsumer<Duration, Runnable> timer, Runnable work) {
  private static final Logger log = LoggerFactory.getLogger(Chore.class);

  /** Begins, after the first pause. */
  void begin() {
    timer.accept(pause, this::run);
  }

  /** Begins now. */
  void run() {
    try {
      work.run();
    } catch (LedgerUnavailableException e) {
      log.debug("{} wait for the ledger: {}", name, e.getMessage());
    } catch (RuntimeException e) {
      log.error("{} could not be looked after, trying again in {}", name, pause, e);
    }
    begin();
  }
}
