package dev.sandpool.server.session;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.ledger.LedgerUnavailableException;
import dev.sandpool.server.ledger.SessionKey;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;

/**
 * The way of a new identifier, walked against a pool that does not exist: after it the classes are
 * loaded, the ledger's statements prepared and the code compiled, so that the first callers do not
 * pay for that.
 */
public final class Rehearsal {
  private static final int WALKS = 1000;

  private final Sessions<?> sessions;
  private final PoolId nowhere;

  /**
   * @param random makes the name of a pool that does not exist
   */
  public Rehearsal(Sessions<?> sessions, RandomGenerator random) {
    this.sessions = sessions;
    this.nowhere = PoolId.random(random);
  }

  /** Walks it, one claim after the other; a ledger that cannot be written ends it early. */
  public void run() throws InterruptedException {
    try {
      for (int walk = 0; walk < WALKS; walk++) {
        walk(sessions, new SessionKey(nowhere, "rehearsal-" + walk));
      }
    } catch (LedgerUnavailableException e) {
      return; // Callers will hear of it themselves.
    } finally {
      sessions.forget(nowhere);
    }
  }

  private static <U extends Upstream> void walk(Sessions<U> sessions, SessionKey key)
      throws InterruptedException {
    var told = new CountDownLatch(1);
    sessions.allocate(
        key,
        new Applicant<U>() {
          @Override
          public void settled(Allocation<U> result) {
            told.countDown();
          }

          @Override
          public void mustWait() {
            told.countDown();
          }

          @Override
          public void failed(RuntimeException cause) {
            told.countDown();
          }
        });
    told.await();
    sessions.allocate(key, Duration.ofSeconds(1));
  }
}
