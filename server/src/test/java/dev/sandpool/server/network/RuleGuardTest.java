package dev.sandpool.server.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sandpool.server.network.RuleGuard.Chores;
import dev.sandpool.server.network.RuleGuard.Pace;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Rules that nobody looks at any more after one look that failed. */
class RuleGuardTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Pace QUICK =
      new Pace(Duration.ofMillis(5), Duration.ofMillis(10), Duration.ofMillis(10));
  private static final Chores NONE = new Chores(() -> {}, () -> {});

  private final List<GuardState> told = new CopyOnWriteArrayList<>();
  private final BrittleRules rules = new BrittleRules();

  /** Rules of no kernel. */
  private static final class BrittleRules implements RuleGuard.Rules {
    /** How many of the next looks fail in a way that nobody thought of. */
    final AtomicInteger failing = new AtomicInteger();

    volatile boolean gone;
    volatile boolean refused;

    @Override
    public List<String> names() {
      return List.of("spabcd");
    }

    @Override
    public Optional<String> wrong() {
      if (failing.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        throw new IllegalStateException("nobody thought of that");
      }
      return gone ? Optional.of("the packet rules are missing") : Optional.empty();
    }

    @Override
    public void install() throws IOException {
      if (refused) {
        throw new IOException("refused");
      }
      gone = false;
    }
  }

  private RuleGuard guard() {
    try {
      return RuleGuard.of(rules, QUICK);
    } catch (IOException e) {
      assumeTrue(false, e.getMessage());
      throw new AssertionError(e);
    }
  }

  private void awaitTold(Boolean... inForce) {
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(told).extracting(GuardState::inForce).containsExactly(inForce));
  }

  @Test
  void aLookThatFailsIsMadeAgainAndTheRulesCountAsLostMeanwhile() {
    try (RuleGuard guard = guard()) {
      guard.listen(told::add);
      rules.failing.set(3);
      guard.start(NONE);
      awaitTold(true, false, true);
      assertThat(told.get(1).detail()).contains("nobody thought of that");

      rules.gone = true;

      awaitTold(true, false, true, false, true);
      assertThat(rules.gone).isFalse();
    }
  }

  @Test
  void aChoreThatFailsKeepsNeitherTheOtherNorTheRulesFromBeingLookedAfter() {
    var later = new AtomicInteger();
    try (RuleGuard guard = guard()) {
      guard.listen(told::add);
      guard.start(
          new Chores(
              () -> {
                throw new IllegalStateException("nobody thought of that");
              },
              later::incrementAndGet));
      await().atMost(SOON).until(() -> later.get() > 3);

      rules.gone = true;

      awaitTold(true, false, true);
    }
  }

  @Test
  void whoBeginsToListenWhileTheRulesAreLostHearsThatLast() {
    try (RuleGuard guard = guard()) {
      guard.start(NONE);
      guard.listen(
          state -> {
            if (told.isEmpty()) {
              rules.refused = true;
              rules.gone = true;
              // As long as the guard needs to see it, and to tell it if nothing keeps it from that.
              long end = System.nanoTime() + 300_000_000;
              while (System.nanoTime() < end && told.isEmpty()) {
                Thread.onSpinWait();
              }
            }
            told.add(state);
          });

      awaitTold(true, false);
    }
  }

  @Test
  void aChangeThatCouldNotBeToldIsToldAgain() {
    try (RuleGuard guard = guard()) {
      var deaf = new AtomicInteger();
      guard.listen(
          state -> {
            if (!state.inForce() && deaf.incrementAndGet() < 3) {
              throw new IllegalStateException("the listener is busy");
            }
            told.add(state);
          });
      rules.failing.set(Integer.MAX_VALUE);
      guard.start(NONE);

      awaitTold(true, false);
      rules.failing.set(0);
      awaitTold(true, false, true);
    }
  }
}
