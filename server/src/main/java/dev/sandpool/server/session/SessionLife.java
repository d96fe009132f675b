package dev.sandpool.server.session;

import dev.sandpool.server.ledger.EndReason;
import dev.sandpool.server.ledger.Lifecycle;
import java.time.Duration;
import java.time.Instant;
import java.util.StringJoiner;

/**
 * When sessions of a lifecycle are over, in monotonic time; one for all of them. Pure.
 *
 * <p>{@code bornNanos} is when a session was allocated, {@code lastActiveNanos} when it was last
 * used.
 */
record SessionLife(Lifecycle lifecycle) {
  /** Whether it has been idle for long enough; requests under way keep it. */
  boolean idleOver(long lastActiveNanos, long nowNanos) {
    return lifecycle instanceof Lifecycle.Timed(Duration cooldown)
        && nowNanos - lastActiveNanos >= cooldown.toNanos();
  }

  /** Whether it is over whatever is under way. */
  boolean aliveOver(long bornNanos, long nowNanos) {
    return lifecycle instanceof Lifecycle.OnContainerExit(Duration maxAlive)
        && nowNanos - bornNanos >= maxAlive.toNanos();
  }

  /** The time until it is over if it is not used after {@code lastActiveNanos}. */
  long endsInNanos(long bornNanos, long lastActiveNanos, long nowNanos) {
    return switch (lifecycle) {
      case Lifecycle.Timed(Duration cooldown) -> lastActiveNanos + cooldown.toNanos() - nowNanos;
      case Lifecycle.OnContainerExit(Duration maxAlive) ->
          bornNanos + maxAlive.toNanos() - nowNanos;
    };
  }

  /** Whether its container may end by itself without that being a fault. */
  boolean mayExit() {
    return lifecycle instanceof Lifecycle.OnContainerExit;
  }

  /** Why it is over, for a person. */
  String reason() {
    return switch (lifecycle) {
      case Lifecycle.Timed ignored -> EndReason.IDLE;
      case Lifecycle.OnContainerExit ignored -> EndReason.LIFETIME;
    };
  }

  /** Why it is not over, for a person. */
  String aliveBecause(int requests, int upgraded, int quiet, long idleNanos) {
    return switch (lifecycle) {
      case Lifecycle.OnContainerExit(Duration maxAlive) ->
          "its container runs, for at most %d s after the allocation"
              .formatted(maxAlive.toSeconds());
      case Lifecycle.Timed(Duration cooldown) ->
          requests + upgraded - quiet > 0
              ? underWay(requests, upgraded - quiet)
              : cooling(cooldown, quiet, idleNanos);
    };
  }

  private static String underWay(int requests, int moving) {
    var why = new StringJoiner(", ");
    if (requests > 0) {
      why.add("requests and streams under way: " + requests);
    }
    if (moving > 0) {
      why.add("upgraded connections in use: " + moving);
    }
    return why.toString();
  }

  private static String cooling(Duration cooldown, int quiet, long idleNanos) {
    String why =
        "last used %d s ago, its cooldown is %d s"
            .formatted(Duration.ofNanos(idleNanos).toSeconds(), cooldown.toSeconds());
    return quiet == 0 ? why : why + "; upgraded connections that say nothing: " + quiet;
  }

  /** When it is over if nothing is asked of it any more. */
  Instant expiresAt(Instant createdAt, Instant lastAccessed) {
    return switch (lifecycle) {
      case Lifecycle.Timed(Duration cooldown) -> lastAccessed.plus(cooldown);
      case Lifecycle.OnContainerExit(Duration maxAlive) -> createdAt.plus(maxAlive);
    };
  }
}
