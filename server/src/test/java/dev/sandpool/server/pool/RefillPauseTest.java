package dev.sandpool.server.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A burst is served before its sandboxes are replaced, and they are replaced. */
class RefillPauseTest {
  private final ArrayDeque<Runnable> timers = new ArrayDeque<>();
  private final AtomicInteger refills = new AtomicInteger();
  private final RefillPause pause =
      new RefillPause(
          (time, task) -> {
            assertThat(time).isEqualTo(RefillPause.PAUSE);
            timers.add(task);
          },
          refills::incrementAndGet);

  private void aPausePasses() {
    timers.remove().run();
  }

  @Test
  void oneThatIsTakenIsReplacedAfterOnePause() {
    pause.taken();
    assertThat(refills).hasValue(0);

    aPausePasses();

    assertThat(refills).hasValue(1);
    assertThat(timers).isEmpty();
  }

  @Test
  void crowdSetsOneTimer_andIsReplacedWhenNoMoreCome() {
    for (int i = 0; i < 300; i++) {
      pause.taken();
    }
    assertThat(timers).hasSize(1);
    aPausePasses();
    assertThat(refills).hasValue(0);

    aPausePasses();

    assertThat(refills).hasValue(1);
    assertThat(timers).isEmpty();
  }

  @Test
  void crowdWithoutEndDoesNotPutTheRefillOffForEver() {
    for (int i = 0; i < RefillPause.MOST_PAUSES; i++) {
      assertThat(refills).hasValue(0);
      pause.taken();
      pause.taken();
      aPausePasses();
    }

    assertThat(refills).hasValue(1);
  }

  @Test
  void oneThatIsTakenWhileTheRefillRunsHasItsOwn() {
    AtomicInteger seen = new AtomicInteger();
    RefillPause[] own = new RefillPause[1];
    own[0] =
        new RefillPause(
            (time, task) -> timers.add(task),
            () -> {
              if (seen.getAndIncrement() == 0) {
                own[0].taken();
              }
            });
    own[0].taken();

    aPausePasses();
    aPausePasses();

    assertThat(seen).hasValue(2);
    assertThat(timers).isEmpty();
  }
}
