package dev.sandpool.server.session;

import dev.sandpool.server.ledger.Lifecycle;
import java.time.Duration;
import java.time.Instant;

/** When a session is over by its lifecycle, in monotonic time. Pure. */
final class SessionLife {
  private final Lifecycle lifecycle;
  private final long bornNanos;

  /**
   * @param age how long it has been allocated, by the wall clock, which only counts where an
   *     earlier server allocated it; less than nothing counts as nothing
   */
  SessionLife(Lifecycle lifecycle, Duration age, long nowNanos) {
    this.lifecycle = lifecycle;
    this.bornNanos = nowNanos - Math.max(0, age.toNanos());
  }

  /** Whether it has been idle for long enough; requests under way keep it. */
  boolean idleOver(long lastActiveNanos, long nowNanos) {
    return lifecycle instanceof Lifecycle.Timed(Duration cooldown)
        && nowNanos - lastActiveNanos >= cooldown.toNanos();
  }

  /** Whether it is over whatever is under way. */
  boolean aliveOver(long nowNanos) {
    return lifecycle instanceof Lifecycle.OnContainerExit(Duration maxAlive)
        && nowNanos - bornNanos >= maxAlive.toNanos();
  }

  /** Why it is over, for a person. */
  String reason() {
    return switch (lifecycle) {
      case Lifecycle.Timed ignored -> "idle for its cooldown";
      case Lifecycle.OnContainerExit ignored -> "alive for as long as it may be";
    };
  }

  /** When it is over if nothing is asked of it any more. */
  Instant expiresAt(Instant createdAt, Instant lastAccessed) {
    return switch (lifecycle) {
      case Lifecycle.Timed(Duration cooldown) -> lastAccessed.plus(cooldown);
      case Lifecycle.OnContainerExit(Duration maxAlive) -> createdAt.plus(maxAlive);
    };
  }
}
