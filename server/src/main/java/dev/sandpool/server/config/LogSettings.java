package dev.sandpool.server.config;

import java.time.Duration;

/**
 * {@code logs}: what is kept of what sandboxes print and of what becomes of them.
 *
 * @param retention how long
 * @param poolBytes how much of one table of one pool
 * @param totalBytes how much in all
 */
public record LogSettings(Duration retention, long poolBytes, long totalBytes) {
  static LogSettings read(Section section) {
    return new LogSettings(
        section.value("retention", "7d", Form.duration("1m", "3650d")),
        section.value("poolBytes", "256Mi", Form.size("16Mi", "1Ti")),
        section.value("totalBytes", "4Gi", Form.size("64Mi", "16Ti")));
  }
}
