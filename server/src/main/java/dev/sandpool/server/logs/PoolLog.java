package dev.sandpool.server.logs;

import dev.sandpool.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import tools.jackson.core.JacksonException;

/** The tables of one pool in one workspace: a folder with a folder for each. */
public final class PoolLog {
  private static final String PLACE = "place.json";

  private final LogPlace place;
  private final Map<LogTable, TableLog> tables = new EnumMap<>(LogTable.class);

  private PoolLog(LogPlace place) {
    this.place = place;
  }

  static PoolLog create(Path folder, LogPlace place) throws IOException {
    Files.createDirectories(folder);
    Path fresh = folder.resolve(PLACE + ".tmp");
    Files.writeString(fresh, Json.MAPPER.writeValueAsString(place));
    Files.move(fresh, folder.resolve(PLACE), StandardCopyOption.ATOMIC_MOVE);
    return open(folder);
  }

  static PoolLog open(Path folder) throws IOException {
    try {
      LogPlace place =
          Json.MAPPER.readValue(Files.readString(folder.resolve(PLACE)), LogPlace.class);
      var log = new PoolLog(place);
      for (LogTable table : LogTable.values()) {
        log.tables.put(table, TableLog.open(folder.resolve(table.label())));
      }
      return log;
    } catch (JacksonException e) {
      throw new IOException(folder.resolve(PLACE) + ": " + e.getOriginalMessage(), e);
    }
  }

  /** Whose they are. */
  public LogPlace place() {
    return place;
  }

  /** Takes rows; false ends the reading. */
  public interface RowVisitor<E extends Exception> {
    boolean visit(LogOrigin origin, LogRow row) throws E;
  }

  /**
   * Visits the rows of that time, both ends included, in the order in which they were stored;
   * answers whether the visitor wanted all.
   */
  public <E extends Exception> boolean scan(
      LogTable table, long fromMicros, long toMicros, RowVisitor<E> visitor) throws E, IOException {
    return table(table)
        .scan(
            fromMicros,
            toMicros,
            block -> {
              for (LogRow row : block.rows()) {
                boolean wanted = row.micros() >= fromMicros && row.micros() <= toMicros;
                if (wanted && !visitor.visit(block.origin(), row)) {
                  return false;
                }
              }
              return true;
            });
  }

  TableLog table(LogTable table) {
    return Objects.requireNonNull(tables.get(table));
  }

  Collection<TableLog> tables() {
    return tables.values();
  }
}
