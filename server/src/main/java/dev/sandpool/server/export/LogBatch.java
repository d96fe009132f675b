package dev.sandpool.server.export;

import dev.sandpool.server.logs.LogCursor;
import dev.sandpool.server.logs.LogTap;
import java.util.List;
import java.util.Map;

/**
 * Blocks that are handed on together.
 *
 * @param ends how far each source has been handed on with them
 */
record LogBatch(List<LogTap.Stored> blocks, Map<LogTap.Source, LogCursor> ends) {
  LogBatch {
    blocks = List.copyOf(blocks);
    ends = Map.copyOf(ends);
  }

  long rows() {
    return blocks.stream().mapToLong(it -> it.block().rows().size()).sum();
  }

  /** The time of its oldest row, in microseconds; the end of time where it has none. */
  long oldestMicros() {
    return blocks.stream()
        .flatMap(it -> it.block().rows().stream())
        .mapToLong(row -> row.micros())
        .min()
        .orElse(Long.MAX_VALUE);
  }
}
