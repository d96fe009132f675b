package dev.sandpool.server.pool;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.EngineInfo;
import dev.sandpool.server.engine.RunningSandbox;
import dev.sandpool.server.engine.SandboxStopException;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.lifecycle.LifecycleEvent;
import dev.sandpool.server.lifecycle.LifecycleEvent.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of an earlier server's sandboxes at start: joins ledger, host and claim mark, adopts
 * what is recorded and alive, and reclaims all else that carries the server's name.
 */
final class Recovery {
  private static final Logger log = LoggerFactory.getLogger(Recovery.class);

  /** Why the sandboxes that were not adopted ended. */
  static final String LOST = "did not outlive the server";

  private final KeeperParts parts;

  Recovery(KeeperParts parts) {
    this.parts = parts;
  }

  /**
   * What was found.
   *
   * @param living what ran when the server began, adopted or not
   * @param unburied what could not be ended at once; somebody must go on with it
   */
  record Found(
      List<SandboxRecord> adopted, List<RunningSandbox> living, List<SandboxId> unburied) {}

  /**
   * @param rebooted whether the host was booted since the last start
   */
  Found run(boolean rebooted) {
    if (rebooted) {
      event(LifecycleEvent.of(Kind.HOST_REBOOTED, "no sandbox outlives a boot: none is adopted"));
    }
    Collection<SandboxRecord> records = parts.ledger().sandboxes();
    List<RunningSandbox> living = rebooted ? List.of() : parts.engine().running();
    Set<SandboxId> running = ids(living.stream());
    Set<SandboxId> offered = ledgerIsNewest(records, running) ? offered(living) : Set.of();
    List<SandboxRecord> adopted =
        records.stream().filter(record -> adoptable(record, running, offered)).toList();
    Set<SandboxId> keep =
        adopted.stream().map(SandboxRecord::id).collect(Collectors.toCollection(HashSet::new));
    for (String freed : parts.engine().reclaim(keep)) {
      event(LifecycleEvent.of(Kind.LEFTOVER_RECLAIMED, freed + " was nobody's and is freed"));
    }
    List<SandboxId> unburied = new ArrayList<>();
    for (SandboxRecord record : records) {
      if (record.state() != SandboxState.GONE && !keep.contains(record.id())) {
        lost(record, running.contains(record.id()));
        if (!bury(record)) {
          unburied.add(record.id());
        }
      }
    }
    settleMark();
    return new Found(adopted, living, unburied);
  }

  private static Set<SandboxId> ids(Stream<RunningSandbox> sandboxes) {
    return sandboxes.map(RunningSandbox::id).collect(Collectors.toSet());
  }

  /**
   * Those that may still be given to somebody. An operator who asks for more isolation than before
   * asks for whoever comes from now on; a session keeps what it has.
   */
  private Set<SandboxId> offered(List<RunningSandbox> living) {
    EngineInfo engine = parts.engine().info();
    Set<SandboxId> offered =
        ids(living.stream().filter(sandbox -> !sandbox.behindLessThan(engine)));
    if (offered.size() < living.size()) {
      log.info(
          "{} sandboxes were started behind less than {}: no new session is given one of them",
          living.size() - offered.size(),
          engine.isolation());
    }
    return offered;
  }

  private static boolean adoptable(
      SandboxRecord record, Set<SandboxId> running, Set<SandboxId> offered) {
    return switch (record.state()) {
      // One that is Allocated has had one holder only, in any copy of the ledger.
      case ALLOCATED -> running.contains(record.id());
      case READY -> offered.contains(record.id());
      case STARTING, STOPPING, GONE -> false;
    };
  }

  /** Whether no session can have had a sandbox that this ledger calls Ready. */
  private boolean ledgerIsNewest(Collection<SandboxRecord> records, Set<SandboxId> running) {
    OptionalLong mark = parts.mark().count();
    long claims = parts.ledger().claimCount();
    if (mark.isPresent() && claims >= mark.getAsLong()) {
      return true;
    }
    long ready =
        records.stream()
            .filter(record -> record.state() == SandboxState.READY)
            .filter(record -> running.contains(record.id()))
            .count();
    if (mark.isPresent() || ready > 0) {
      String found =
          mark.isPresent()
              ? "it knows of %d claims and there were %d".formatted(claims, mark.getAsLong())
              : "nobody can tell, because the claim counter under /run is gone";
      event(
          LifecycleEvent.of(
              Kind.LEDGER_RESTORED,
              found + "; the " + ready + " sandboxes that it calls Ready are destroyed"));
    }
    return false;
  }

  private void lost(SandboxRecord record, boolean alive) {
    boolean held = record.state() == SandboxState.ALLOCATED;
    if (!alive && (held || record.state() == SandboxState.READY)) {
      event(
          LifecycleEvent.of(
              Kind.SANDBOX_LOST,
              record.id(),
              "was " + record.state() + (held ? ", its session is over" : ", it is replaced")));
    }
  }

  /** Frees identifier and slot only if nothing of it lives. */
  private boolean bury(SandboxRecord record) {
    parts.ledger().markStopping(record.id(), LOST, parts.time().now());
    try {
      parts.engine().stop(record.id(), Duration.ZERO);
      parts.ledger().markGone(record.id(), parts.time().now());
      return true;
    } catch (SandboxStopException e) {
      log.warn("sandbox {} of an earlier server is not gone yet: {}", record.id(), e.getMessage());
      return false;
    }
  }

  /**
   * Counter and ledger go on together. Only now, when what could be offered twice is recorded as
   * ended: a kill before this leads here again.
   */
  private void settleMark() {
    long mark = parts.mark().count().orElse(0);
    if (parts.ledger().claimCount() < mark) {
      parts.ledger().raiseClaimCount(mark);
    }
    parts.mark().set(parts.ledger().claimCount());
  }

  private void event(LifecycleEvent event) {
    parts.events().report(event);
  }
}
