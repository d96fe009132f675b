package dev.sandpool.server.logs;

import dev.sandpool.server.engine.ConsolePosition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of one origin that are stored together, and how far its console has been read with them:
 * because both are one record, no line is stored twice or skipped whenever the server is killed.
 *
 * @param read the position after these rows; null where they are of no console
 * @param ended whether nothing of that console follows
 */
public record LogBlock(
    LogOrigin origin, List<LogRow> rows, @Nullable ConsolePosition read, boolean ended) {
  public LogBlock {
    rows = List.copyOf(rows);
  }

  /** One row of no console. */
  public static LogBlock of(LogOrigin origin, LogRow row) {
    return new LogBlock(origin, List.of(row), null, false);
  }

  long firstMicros() {
    return rows.stream().mapToLong(LogRow::micros).min().orElse(Long.MAX_VALUE);
  }

  long lastMicros() {
    return rows.stream().mapToLong(LogRow::micros).max().orElse(Long.MIN_VALUE);
  }
}
