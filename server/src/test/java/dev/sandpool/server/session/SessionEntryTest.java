package dev.sandpool.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.Lifecycle;
import dev.sandpool.server.ledger.SessionKey;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** The one word of a session: no request slips in between a reaper's look and its act. */
class SessionEntryTest {
  private static final long SECOND = 1_000_000_000L;

  private final SessionEntry<Upstream> entry =
      new SessionEntry<>(
          new SessionKey(new PoolId("aaaaaaaaaa"), "user-1"),
          new SandboxId("aaaaaaaa"),
          Instant.EPOCH,
          new SessionLife(new Lifecycle.Timed(Duration.ofSeconds(10))),
          Duration.ZERO,
          () -> {},
          0);

  @Test
  void isNotIdleWhileARequestIsInFlight() {
    assertThat(entry.enter(0)).isTrue();
    assertThat(entry.closeIfOver(100 * SECOND)).isFalse();
    entry.leave(100 * SECOND);
    assertThat(entry.closeIfOver(109 * SECOND)).isFalse();
    assertThat(entry.closeIfOver(110 * SECOND)).isTrue();
  }

  @Test
  void livesForItsMaximumWhateverIsInFlightAndHoweverIdle() {
    var life = new SessionLife(new Lifecycle.OnContainerExit(Duration.ofSeconds(60)));
    var old =
        new SessionEntry<Upstream>(
            new SessionKey(new PoolId("aaaaaaaaaa"), "user-1"),
            new SandboxId("aaaaaaaa"),
            Instant.EPOCH,
            life,
            Duration.ofSeconds(20),
            () -> {},
            0);
    assertThat(old.enter(0)).isTrue();
    assertThat(old.closeIfOver(40 * SECOND - 1)).isFalse();
    assertThat(old.closeIfOver(40 * SECOND)).isTrue();
    assertThat(old.closeIfOver(41 * SECOND)).isFalse();
    assertThat(old.view(0, Instant.EPOCH).expiresAt()).isEqualTo(Instant.EPOCH.plusSeconds(60));
  }

  @Test
  void letsNobodyInWhenClosing() {
    assertThat(entry.enter(0)).isTrue();
    assertThat(entry.close()).isTrue();
    assertThat(entry.close()).isFalse();
    assertThat(entry.enter(0)).isFalse();
    assertThat(entry.inFlight()).isEqualTo(1);
    entry.leave(0);
    assertThat(entry.closing()).isTrue();
    assertThat(entry.inFlight()).isZero();
  }

  @Test
  void goesOnWhenItsEndCouldNotBeRecorded() {
    assertThat(entry.closeIfOver(10 * SECOND)).isTrue();
    entry.reopen();
    assertThat(entry.enter(11 * SECOND)).isTrue();
  }

  @RepeatedTest(200)
  void eitherTheRequestOrTheReaperWins() throws InterruptedException {
    var go = new CountDownLatch(1);
    var entered = new AtomicBoolean();
    Thread request =
        Thread.ofVirtual()
            .start(
                () -> {
                  awaitQuietly(go);
                  entered.set(entry.enter(20 * SECOND));
                });
    go.countDown();
    boolean reaped = entry.closeIfOver(20 * SECOND);
    request.join();
    assertThat(reaped).isNotEqualTo(entered.get());
  }

  /** Its cooldown has begun anew, though nothing is in flight when the reaper acts, as before. */
  @Test
  void whoComesAndGoesBetweenTheReapersLookAndItsAct_keepsTheSession() {
    int looked = entry.lookIdle(10 * SECOND);
    assertThat(looked).isNotNegative();
    assertThat(entry.enter(10 * SECOND)).isTrue();
    entry.leave(10 * SECOND);

    assertThat(entry.closeIdle(looked)).isFalse();

    assertThat(entry.enter(11 * SECOND)).isTrue();
    entry.leave(11 * SECOND);
    assertThat(entry.closeIfOver(21 * SECOND - 1)).isFalse();
    assertThat(entry.closeIfOver(21 * SECOND)).isTrue();
  }

  @Test
  void countsOnHoweverOftenItIsEntered() {
    for (int i = 0; i < 10_000; i++) {
      assertThat(entry.enter(i)).isTrue();
      assertThat(entry.enter(i)).isTrue();
      assertThat(entry.inFlight()).isEqualTo(2);
      entry.leave(i);
      entry.leave(i);
      assertThat(entry.closing()).isFalse();
    }
    assertThat(entry.inFlight()).isZero();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
