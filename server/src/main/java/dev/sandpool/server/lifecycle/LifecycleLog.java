package dev.sandpool.server.lifecycle;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line of the log for each event. */
public final class LifecycleLog implements LifecycleSink {
  private static final Logger log = LoggerFactory.getLogger("lifecycle");

  @Override
  public void report(LifecycleEvent event) {
    String sandbox = event.sandbox().map(id -> " sandbox=" + id).orElse("");
    String line = "event=" + event.kind().label() + sandbox + " " + event.detail();
    switch (event.kind()) {
      case LEDGER_WRITABLE, DISK_HAS_ROOM, HOST_REBOOTED, LEFTOVER_RECLAIMED, RULES_RESTORED ->
          log.info(line);
      case SANDBOX_DIED,
          SANDBOX_UNHEALTHY,
          SANDBOX_DAMAGED,
          SANDBOX_LOST,
          LEDGER_RESTORED,
          LEDGER_UNWRITABLE,
          DISK_FULL,
          CLOCK_STEPPED,
          RULES_LOST ->
          log.warn(line);
    }
  }
}
