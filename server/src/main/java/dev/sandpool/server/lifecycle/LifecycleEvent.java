package dev.sandpool.server.lifecycle;

import dev.sandpool.model.SandboxId;
import java.util.Optional;

/**
 * Something that befell a sandbox, the ledger or the host without the server having asked for it.
 *
 * @param sandbox whom it befell, where it was one
 * @param detail what was found and what is done about it, for a person; nothing secret
 */
public record LifecycleEvent(Kind kind, Optional<SandboxId> sandbox, String detail) {
  /** What can happen; the labels are part of the metrics' contract. */
  public enum Kind {
    /** A sandbox's first process ended by itself or by somebody else's hand. */
    SANDBOX_DIED("sandbox-died"),
    /** A sandbox failed its liveness probe: it is ended, and replaced where nobody held it. */
    SANDBOX_UNHEALTHY("sandbox-unhealthy"),
    /** Part of a sandbox was taken away from outside; it was mended or is replaced. */
    SANDBOX_DAMAGED("sandbox-damaged"),
    /** The ledger had it Ready or Allocated at start, and nothing of it lives. */
    SANDBOX_LOST("sandbox-lost"),
    /** Something on the host carried the server's name and was nobody's. */
    LEFTOVER_RECLAIMED("leftover-reclaimed"),
    /** The ledger is older than what has happened since: somebody put a copy in its place. */
    LEDGER_RESTORED("ledger-restored"),
    /** The ledger cannot be written: known sessions go on, new ones are refused. */
    LEDGER_UNWRITABLE("ledger-unwritable"),
    /** It can again. */
    LEDGER_WRITABLE("ledger-writable"),
    /** The data directory's file system has next to no room left. */
    DISK_FULL("disk-full"),
    /** It has again. */
    DISK_HAS_ROOM("disk-has-room"),
    /** Somebody set the wall clock; nothing but tokens and displays go by it. */
    CLOCK_STEPPED("clock-stepped"),
    /** The host was booted since the last start: nothing is adopted. */
    HOST_REBOOTED("host-rebooted"),
    /** The packet rules were removed or altered, or cannot be looked at. */
    RULES_LOST("rules-lost"),
    /** They are in force again. */
    RULES_RESTORED("rules-restored");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    /** As it is logged and counted. */
    public String label() {
      return label;
    }
  }

  /** Of the host or the ledger. */
  public static LifecycleEvent of(Kind kind, String detail) {
    return new LifecycleEvent(kind, Optional.empty(), detail);
  }

  /** Of one sandbox. */
  public static LifecycleEvent of(Kind kind, SandboxId sandbox, String detail) {
    return new LifecycleEvent(kind, Optional.of(sandbox), detail);
  }
}
