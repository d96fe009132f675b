package dev.sandpool.server;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.audit.AuditEvent;
import dev.sandpool.server.audit.AuditEvent.Kind;
import dev.sandpool.server.audit.AuditEvent.Result;
import dev.sandpool.server.audit.AuditLog;
import dev.sandpool.server.audit.AuditSettings;
import dev.sandpool.server.audit.SyslogAddress;
import dev.sandpool.server.audit.SyslogExport;
import dev.sandpool.server.session.SessionEnds;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The record of who did what, with what the server itself does: its own start, its stop as the last
 * word, and the ends of sessions.
 */
final class OwnAudit {
  private final AuditLog log;
  private final InstantSource clock;

  private OwnAudit(AuditLog log, InstantSource clock) {
    this.log = log;
    this.clock = clock;
  }

  /**
   * Opens the record.
   *
   * @param syslog to whom it is handed on
   * @param names what an identifier is called there
   * @param parts takes over what must be closed
   */
  static OwnAudit open(
      AuditSettings files,
      Optional<SyslogAddress> syslog,
      UnaryOperator<String> names,
      InstantSource clock,
      Parts parts)
      throws IOException {
    var audit = new OwnAudit(parts.closing("audit", AuditLog.open(files, names, clock)), clock);
    syslog.ifPresent(to -> parts.closing("syslog", new SyslogExport(files.folder(), to)));
    audit.note("start");
    parts.closing("audit's last word", () -> audit.note("stop"));
    return audit;
  }

  private void note(String action) {
    log.note(AuditEvent.of(clock.instant(), Kind.SERVER, action, Result.DONE));
  }

  /** Where everybody else says what they do. */
  AuditLog log() {
    return log;
  }

  /**
   * Notes each session that ends.
   *
   * @param pools what a pool is called among all resources
   */
  SessionEnds ends(Function<PoolId, String> pools) {
    return (key, sandbox, reason) ->
        log.note(
            AuditEvent.of(clock.instant(), Kind.STOP, "end", Result.DONE)
                .on(pools.apply(key.pool()), key.identifier())
                .because(reason)
                .with(Map.of("sandbox", sandbox.value())));
  }
}
