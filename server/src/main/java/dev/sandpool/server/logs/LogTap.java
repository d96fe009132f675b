package dev.sandpool.server.logs;

import dev.sandpool.model.PoolId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is stored, block by block in the order of each table, for who hands it on: what
 * is stored is what waits for a receiver that is away.
 */
public final class LogTap {
  private final LogStore store;

  public LogTap(LogStore store) {
    this.store = store;
  }

  /** One table of one pool in one workspace, which has an order of its own. */
  public record Source(String workspace, PoolId pool, LogTable table) {}

  /** A block, and the place where it is stored, which is its name for ever. */
  public record Stored(LogPlace place, LogTable table, LogBlock block, LogCursor at) {}

  /**
   * What follows a place.
   *
   * @param lost whether rows that followed the place became too old before they were read, or are
   *     damaged
   */
  public record Page(List<Stored> blocks, LogCursor next, boolean lost) {}

  /** Those that hold something now. */
  public List<Source> sources() {
    List<Source> sources = new ArrayList<>();
    for (PoolLog pool : store.all()) {
      for (LogTable table : LogTable.values()) {
        sources.add(new Source(pool.place().workspace(), pool.place().pool(), table));
      }
    }
    return sources;
  }

  /** Some blocks from a place on, null for the beginning; nothing where there is no such source. */
  public Page after(Source source, @Nullable LogCursor from) throws IOException {
    PoolLog pool = store.find(source.workspace, source.pool).orElse(null);
    if (pool == null) {
      return new Page(List.of(), from == null ? LogCursor.START : from, false);
    }
    TableLog table = pool.table(source.table);
    TableLog.Page page = table.after(from == null ? table.begin() : from);
    return new Page(
        page.stored().stream()
            .map(it -> new Stored(pool.place(), source.table, it.block(), it.at()))
            .toList(),
        page.next(),
        page.lost());
  }

  /**
   * The same place where something is stored there, and otherwise the nearest one before it: after
   * a loss of power less may be stored than was read, and what a pool stored may have been removed
   * and begun anew. What follows may then be read twice, and nothing is left out.
   */
  public LogCursor settled(Source source, LogCursor cursor) throws IOException {
    PoolLog pool = store.find(source.workspace, source.pool).orElse(null);
    return pool == null ? cursor : pool.table(source.table).settled(cursor);
  }

  /** Bytes that are stored behind a place, null for the beginning. */
  public long behind(Source source, @Nullable LogCursor from) {
    return store
        .find(source.workspace, source.pool)
        .map(pool -> pool.table(source.table))
        .map(table -> table.behind(from == null ? table.begin() : from))
        .orElse(0L);
  }

  /** Whether what followed a place was removed, if anything did. */
  public boolean isPast(Source source, @Nullable LogCursor from) {
    return from != null
        && store
            .find(source.workspace, source.pool)
            .map(pool -> pool.table(source.table).isPast(from))
            .orElse(false);
  }

  /** A number that grows with each change. */
  public long version() {
    return store.version();
  }

  /** Waits until something was stored since that version, at most so long. */
  public long awaitChange(long seen, Duration atMost) throws InterruptedException {
    return store.awaitChange(seen, atMost);
  }
}
