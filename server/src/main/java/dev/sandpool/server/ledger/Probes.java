package dev.sandpool.server.ledger;

import org.jspecify.annotations.Nullable;

/**
 * The probes of a revision.
 *
 * @param startup passes before a sandbox is ready; null waits for its target port
 * @param liveness goes on passing as long as a sandbox lives; null never asks
 */
public record Probes(@Nullable Probe startup, @Nullable Probe liveness) {
  /** None. */
  public static final Probes NONE = new Probes(null, null);
}
