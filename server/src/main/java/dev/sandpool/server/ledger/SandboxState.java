package dev.sandpool.server.ledger;

/** Where a sandbox is in its life. One way only, steps may be left out. */
public enum SandboxState {
  /** Recorded, being started, or started and not yet listening. */
  STARTING,
  /** Started, listening, held by nobody. */
  READY,
  /** Held by one session until its end. */
  ALLOCATED,
  /** To be destroyed; nothing is forwarded to it any more, but its processes may live. */
  STOPPING,
  /** Nothing of it is left; the record stays until its slot has rested. */
  GONE;

  /** Whether it has come up and nobody has begun to end it. */
  public boolean living() {
    return this == READY || this == ALLOCATED;
  }

  /** Whether it counts to the wanted number of unallocated sandboxes. */
  public boolean unallocated() {
    return this == STARTING || this == READY;
  }
}
