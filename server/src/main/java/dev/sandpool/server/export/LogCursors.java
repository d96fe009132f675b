package dev.sandpool.server.export;

import dev.sandpool.model.Json;
import dev.sandpool.model.PoolId;
import dev.sandpool.server.logs.LogCursor;
import dev.sandpool.server.logs.LogTable;
import dev.sandpool.server.logs.LogTap;
import dev.sandpool.server.secret.PrivateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;

/** How far logs have been handed on, in a file that is replaced as a whole. */
final class LogCursors {
  private final Path file;

  LogCursors(Path file) {
    this.file = file;
  }

  /** As they are written. */
  private record Document(List<Line> cursors) {}

  private record Line(String workspace, String pool, LogTable table, long segment, long offset) {}

  /** What was written last; nothing where nothing was. */
  Map<LogTap.Source, LogCursor> read() throws IOException {
    if (!Files.exists(file)) {
      return Map.of();
    }
    try {
      Map<LogTap.Source, LogCursor> read = new LinkedHashMap<>();
      for (Line it : Json.MAPPER.readValue(Files.readString(file), Document.class).cursors()) {
        read.put(
            new LogTap.Source(it.workspace, new PoolId(it.pool), it.table),
            new LogCursor(it.segment, it.offset));
      }
      return read;
    } catch (JacksonException | IllegalArgumentException e) {
      throw new IOException(file + " is damaged; remove it to hand on everything again", e);
    }
  }

  void write(Map<LogTap.Source, LogCursor> cursors) throws IOException {
    List<Line> lines =
        cursors.entrySet().stream()
            .map(
                it ->
                    new Line(
                        it.getKey().workspace(),
                        it.getKey().pool().value(),
                        it.getKey().table(),
                        it.getValue().segment(),
                        it.getValue().offset()))
            .toList();
    PrivateFile.write(
        file, Json.MAPPER.writeValueAsString(new Document(lines)).getBytes(StandardCharsets.UTF_8));
  }
}
