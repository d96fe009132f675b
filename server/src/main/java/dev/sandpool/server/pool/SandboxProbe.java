package dev.sandpool.server.pool;

import dev.sandpool.server.ledger.Probe;
import org.jspecify.annotations.Nullable;

/** Finds out whether a sandbox is well. */
@FunctionalInterface
public interface SandboxProbe {
  /**
   * One check; comes back within the probe's timeout, whatever the sandbox does.
   *
   * @param address of the sandbox
   * @return why it failed, for a person, without anything that the sandbox wrote; null if it passed
   */
  @Nullable String failure(String address, Probe probe);
}
