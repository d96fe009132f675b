package dev.sandpool.server.config;

import dev.sandpool.server.audit.SyslogAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * {@code audit}: the record of who did what.
 *
 * @param maxAge older records go
 * @param maxBytes all of them together; the oldest go first
 * @param syslog the collector that they are handed on to; absent: none
 */
public record AuditSettings(Duration maxAge, long maxBytes, Optional<SyslogAddress> syslog) {
  static AuditSettings read(Section section) {
    return new AuditSettings(
        section.value("maxAge", "365d", Form.duration("1d", "3650d")),
        section.value("maxBytes", "1Gi", Form.size("16Mi", "1Ti")),
        section.optional("syslog", "none", Form.syslog()));
  }
}
