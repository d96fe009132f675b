package dev.sandpool.server.pool;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.SandboxDamage;
import dev.sandpool.server.ledger.LedgerUnavailableException;
import dev.sandpool.server.lifecycle.LifecycleEvent;
import dev.sandpool.server.lifecycle.LifecycleEvent.Kind;
import dev.sandpool.server.lifecycle.LifecycleSink;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every few seconds whether the host still is as it was left: sandboxes whole, ledger
 * writable, room on the disk, clock in step. One look at a time.
 */
final class HostWatch {
  private static final Logger log = LoggerFactory.getLogger(HostWatch.class);
  private static final Duration STEP = Duration.ofSeconds(2);
  private static final long LEAST_ROOM = 64L << 20;

  private final KeeperParts parts;
  private final SandboxCrew crew;
  private final LifecycleSink events;
  private final Set<SandboxId> worn = new HashSet<>();

  /** Told already; what ends them may take longer than until the next look. */
  private final Set<SandboxId> broken = new HashSet<>();

  private boolean ledgerWritable = true;
  private boolean room = true;
  private long stepBase;

  HostWatch(KeeperParts parts, SandboxCrew crew) {
    this.parts = parts;
    this.crew = crew;
    this.events = parts.events();
    this.stepBase = clockOffset();
  }

  /** Looks once. */
  synchronized void look() {
    lookAtClock();
    lookAtLedger();
    lookAtDisk();
    try {
      lookAtSandboxes(parts.engine().inspect());
    } catch (RuntimeException e) {
      log.warn("sandboxes could not be compared with the host: {}", e.toString());
    }
  }

  // --- clock -----------------------------------------------------------------------------------

  /** Wall time minus monotonic time: constant, as long as nobody sets the clock. */
  private long clockOffset() {
    return parts.time().now().toEpochMilli() - parts.time().nanos() / 1_000_000;
  }

  private void lookAtClock() {
    long offset = clockOffset();
    Duration step = Duration.ofMillis(offset - stepBase);
    // The base goes along, so that the slow corrections of a time service never add up to a step.
    stepBase = offset;
    if (step.abs().compareTo(STEP) >= 0) {
      report(
          Kind.CLOCK_STEPPED,
          "the wall clock was set by " + step + "; sessions go by the monotonic one");
    }
  }

  // --- ledger and disk -------------------------------------------------------------------------

  private void lookAtLedger() {
    try {
      parts.ledger().touch();
      if (!ledgerWritable) {
        ledgerWritable = true;
        report(Kind.LEDGER_WRITABLE, "new sessions are accepted again");
      }
    } catch (LedgerUnavailableException e) {
      if (ledgerWritable) {
        ledgerWritable = false;
        report(
            Kind.LEDGER_UNWRITABLE,
            "known sessions go on, new ones are refused: " + e.getMessage());
      }
    }
  }

  private void lookAtDisk() {
    long free = parts.usableBytes().getAsLong();
    if (room && free < LEAST_ROOM) {
      room = false;
      report(
          Kind.DISK_FULL,
          "%d MiB are free, less than %d MiB: starts, pulls and new sessions may fail"
              .formatted(free >> 20, LEAST_ROOM >> 20));
    } else if (!room && free >= LEAST_ROOM) {
      room = true;
      report(Kind.DISK_HAS_ROOM, "%d MiB are free".formatted(free >> 20));
    }
  }

  // --- sandboxes -------------------------------------------------------------------------------

  private void lookAtSandboxes(List<SandboxDamage> damages) {
    Set<SandboxId> seen = new HashSet<>();
    for (SandboxDamage damage : damages) {
      switch (damage.consequence()) {
        case MENDED -> report(damage, "it was mended");
        case BROKEN -> {
          seen.add(damage.id());
          if (broken.add(damage.id())) {
            report(damage, "the sandbox is ended");
          }
          crew.end(damage.id(), damage.what(), Duration.ZERO);
        }
        case WORN -> {
          seen.add(damage.id());
          if (worn.add(damage.id())) {
            report(damage, "nobody else is given it");
            crew.retire(damage.id(), damage.what());
          }
        }
      }
    }
    worn.retainAll(seen);
    broken.retainAll(seen);
  }

  private void report(SandboxDamage damage, String remedy) {
    events.report(
        LifecycleEvent.of(Kind.SANDBOX_DAMAGED, damage.id(), damage.what() + "; " + remedy));
  }

  private void report(Kind kind, String detail) {
    events.report(LifecycleEvent.of(kind, detail));
  }
}
