package dev.sandpool.server.ledger;

import java.time.Duration;

/** How long a session lives (contract 5), as its pool has it when the session begins. */
public sealed interface Lifecycle {
  /**
   * Until nothing was asked of it for a while.
   *
   * @param cooldown that while; each request begins it anew
   */
  record Timed(Duration cooldown) implements Lifecycle {}

  /**
   * Until its container exits; idleness does not end it.
   *
   * @param maxAlive since the allocation, after which it ends whatever it does
   */
  record OnContainerExit(Duration maxAlive) implements Lifecycle {}
}
