package dev.sandpool.server.session;

import dev.sandpool.server.ledger.LedgerUnavailableException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that ends idle sessions, and writes down which were active. It looks twice a second,
 * so that an idle session ends well within its cooldown + 2 s (G5).
 */
public final class SessionReaper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SessionReaper.class);
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final Duration NOTE = Duration.ofSeconds(5);

  private final Sessions<?> sessions;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("session-reaper").factory());

  /** Nothing is reaped before {@link #start}. */
  public SessionReaper(Sessions<?> sessions) {
    this.sessions = sessions;
  }

  /** Begins to look. */
  public void start() {
    every(LOOK, sessions::reap);
    every(NOTE, sessions::noteActivity);
  }

  private void every(Duration pause, Runnable task) {
    timer.scheduleWithFixedDelay(
        () -> run(task), pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** A task that throws would silently never run again. */
  private static void run(Runnable task) {
    try {
      task.run();
    } catch (LedgerUnavailableException e) {
      log.warn("sessions wait for the ledger: {}", e.getMessage());
    } catch (RuntimeException e) {
      log.error("sessions could not be looked after", e);
    }
  }

  /** Looks no more; what was active since the last note is written down. */
  @Override
  public void close() {
    timer.shutdownNow();
    run(sessions::noteActivity);
  }
}
