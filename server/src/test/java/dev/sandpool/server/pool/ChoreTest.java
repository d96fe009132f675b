package dev.sandpool.server.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.ledger.LedgerUnavailableException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** Looking after the host ends with the first look that fails. */
class ChoreTest {
  private static final Duration PAUSE = Duration.ofSeconds(5);

  private final Queue<Runnable> timer = new ArrayDeque<>();
  private int done;

  private Chore chore(Runnable work) {
    return new Chore(
        "slots",
        PAUSE,
        (pause, next) -> {
          assertThat(pause).isEqualTo(PAUSE);
          timer.add(next);
        },
        work);
  }

  @Test
  void oneThatFailsIsDoneAgain() {
    chore(
            () -> {
              done++;
              throw done == 1
                  ? new IllegalStateException("nobody thought of that")
                  : new LedgerUnavailableException("busy", null);
            })
        .run();
    for (int again = 2; again < 5; again++) {
      timer.remove().run();
      assertThat(done).isEqualTo(again);
    }
    assertThat(timer).as("one at a time").hasSize(1);
  }

  @Test
  void oneThatBeginsLaterWaitsForItsFirstPause() {
    chore(() -> done++).begin();
    assertThat(done).isZero();
    timer.remove().run();
    assertThat(done).isEqualTo(1);
  }
}
