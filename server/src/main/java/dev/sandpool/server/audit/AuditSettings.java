package dev.sandpool.server.audit;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Where records are and for how long.
 *
 * @param folder made if it is not there, 0700
 * @param maxBytes all of them together; the oldest go first
 * @param maxAge older ones go
 * @param segmentBytes how large one file may become
 */
public record AuditSettings(Path folder, long maxBytes, Duration maxAge, long segmentBytes) {
  private static final long SEGMENT = 8L << 20;

  /** With files of 8 MiB. */
  public AuditSettings(Path folder, long maxBytes, Duration maxAge) {
    this(folder, maxBytes, maxAge, SEGMENT);
  }
}
