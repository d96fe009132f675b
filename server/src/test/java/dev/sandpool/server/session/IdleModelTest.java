package dev.sandpool.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.Lifecycle;
import dev.sandpool.server.ledger.SessionKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random lives of one session in virtual time, beside a model of what counts as use (G5): requests
 * and upgraded connections in use keep it, quiet ones do not, and once nothing does it ends no
 * sooner than its cooldown and no later than 2 s after it.
 */
class IdleModelTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long COOLDOWN = 10 * SECOND;
  private static final long LOOK = SECOND / 2;
  private static final long LATEST = 2 * SECOND;
  private static final int STEPS = 2000;

  /** A request or, after it was upgraded, a connection, as the model sees it. */
  private static final class Use {
    private boolean upgraded;
    private boolean quiet;
  }

  private final SessionEntry<Upstream> entry =
      new SessionEntry<>(
          new SessionKey(new PoolId("aaaaaaaaaa"), "user-1"),
          new SandboxId("aaaaaaaa"),
          Instant.EPOCH,
          new SessionLife(new Lifecycle.Timed(Duration.ofNanos(COOLDOWN))),
          Duration.ZERO,
          () -> {},
          0);
  private final List<Use> uses = new ArrayList<>();
  private long now;
  private long lastUse;
  private long usedUntil;

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36})
  void endsExactlyWhenNothingHasUsedItForItsCooldown(long seed) {
    var random = new Random(seed);
    for (int step = 0; step < STEPS; step++) {
      boolean over = sleep(seed, random.nextLong(random.nextInt(8) == 0 ? 2 * COOLDOWN : SECOND));
      if (over) {
        assertThat(inUse()).as("in use, seed %d, step %d", seed, step).isFalse();
        assertThat(now - lastUse)
            .as("idle time, seed %d, step %d", seed, step)
            .isGreaterThanOrEqualTo(COOLDOWN);
        entry.reopen();
        use(entry.enter(now));
      }
      act(random);
      SessionView view = entry.view(now, Instant.EPOCH.plusNanos(now));
      assertThat(view.use().upgraded())
          .as("seed %d, step %d", seed, step)
          .isEqualTo((int) uses.stream().filter(use -> use.upgraded).count());
      assertThat(view.expiresAt())
          .as("seed %d, step %d", seed, step)
          .isEqualTo(Instant.EPOCH.plusNanos((inUse() ? now : lastUse) + COOLDOWN));
    }
  }

  private boolean inUse() {
    return uses.stream().anyMatch(use -> !use.quiet);
  }

  /** As the reaper's thread does: looks twice a second. */
  private boolean sleep(long seed, long nanos) {
    long until = now + nanos;
    while (now < until) {
      now = Math.min(until, (now / LOOK + 1) * LOOK);
      if (now % LOOK == 0) {
        long due = Math.max(lastUse + COOLDOWN, usedUntil);
        boolean late = !inUse() && now > due + LATEST;
        assertThat(late).as("seed %d lives on at %d though due at %d", seed, now, due).isFalse();
        if (entry.closeIfOver(now)) {
          return true;
        }
      }
    }
    return false;
  }

  private void use(boolean entered) {
    assertThat(entered).isTrue();
    uses.add(new Use());
    lastUse = now;
  }

  private void act(Random random) {
    boolean before = inUse();
    change(random);
    usedUntil = before ? now : usedUntil;
  }

  private void change(Random random) {
    if (uses.isEmpty() || random.nextInt(6) == 0) {
      use(entry.enter(now));
      return;
    }
    Use use = uses.get(random.nextInt(uses.size()));
    switch (random.nextInt(4)) {
      case 0 -> {
        if (!use.upgraded) {
          use.upgraded = true;
          entry.upgraded();
        }
      }
      case 1 -> say(use);
      case 2 -> {
        if (use.upgraded && !use.quiet) {
          use.quiet = true;
          entry.quiet();
        }
      }
      default -> end(use, random.nextBoolean());
    }
  }

  private void say(Use use) {
    if (use.quiet) {
      assertThat(entry.enter(now)).isTrue();
      entry.countsAgain();
      use.quiet = false;
    } else {
      entry.touch(now);
    }
    lastUse = now;
  }

  private void end(Use use, boolean stalled) {
    uses.remove(use);
    if (use.upgraded) {
      entry.downgraded(use.quiet);
    }
    if (!use.quiet && stalled) {
      entry.leaveUnmoved();
    } else if (!use.quiet) {
      entry.leave(now);
      lastUse = now;
    }
  }

  @Test
  void saysWhyItIsStillAlive() {
    assertThat(why(4 * SECOND)).isEqualTo("last used 4 s ago, its cooldown is 10 s");

    entry.enter(5 * SECOND);
    assertThat(why(9 * SECOND)).isEqualTo("requests and streams under way: 1");

    entry.enter(5 * SECOND);
    entry.upgraded();
    assertThat(why(9 * SECOND))
        .isEqualTo("requests and streams under way: 1, upgraded connections in use: 1");

    entry.leave(9 * SECOND);
    entry.quiet();
    assertThat(why(10 * SECOND))
        .isEqualTo(
            "last used 1 s ago, its cooldown is 10 s; upgraded connections that say nothing: 1");
  }

  private String why(long nowNanos) {
    return entry.view(nowNanos, Instant.EPOCH).use().aliveBecause();
  }

  @Test
  void containerThatMayExitIsKeptByNothingButItself() {
    var life = new SessionLife(new Lifecycle.OnContainerExit(Duration.ofSeconds(60)));

    assertThat(life.aliveBecause(3, 1, 0, 0))
        .isEqualTo("its container runs, for at most 60 s after the allocation");
  }
}
