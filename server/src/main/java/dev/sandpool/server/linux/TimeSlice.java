package dev.sandpool.server.linux;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the kernel shares processors out between a thread that callers wait for and the sandboxes.
 *
 * <p>Whoever is woken while all processors are busy waits until one of those who run has used its
 * time slice up, a few milliseconds. Who asked for a shorter slice than they have is let in at
 * once.
 */
public final class TimeSlice {
  private static final Logger log = LoggerFactory.getLogger(TimeSlice.class);

  /** The shortest that Linux grants; what is done for one request takes less. */
  private static final long SHORTEST_NANOS = 100_000;

  /** Longer than what is done for a request: a server's threads go before. */
  private static final long GUESTS_NANOS = 500_000;

  private TimeSlice() {}

  /** Has the calling platform thread run soon after it is woken, where the kernel can do that. */
  public static void shorten() {
    set(SHORTEST_NANOS, false);
  }

  /**
   * Has the calling platform thread and all that it starts, other threads and sandboxes among them,
   * give way early to others of theirs: who computes in one sandbox then delays who answers in
   * another by less than the kernel's usual milliseconds.
   */
  public static void shortenForAllThatIsStarted() {
    set(GUESTS_NANOS, true);
  }

  /**
   * Has the calling platform thread run before all that have time slices, for as long as it likes:
   * for one that sees to it that others get theirs, and needs little.
   */
  public static void goFirst() {
    try {
      Syscalls.first();
    } catch (IOException e) {
      log.debug("{} waits its turn: {}", Thread.currentThread().getName(), e.getMessage());
    }
  }

  private static void set(long nanos, boolean inherited) {
    try {
      Syscalls.timeSlice(nanos, inherited);
    } catch (IOException e) {
      log.debug("{} waits its turn: {}", Thread.currentThread().getName(), e.getMessage());
    }
  }
}
