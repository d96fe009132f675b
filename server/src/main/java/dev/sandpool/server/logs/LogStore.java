package dev.sandpool.server.logs;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.ConsolePosition;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All stored rows: a folder a workspace, in it one a pool. One thread writes; any number of queries
 * and followers read meanwhile.
 */
public final class LogStore {
  private static final Logger log = LoggerFactory.getLogger(LogStore.class);

  private final Path root;
  private final Bounds bounds;
  private final LogCounters counters;
  private final Map<Key, PoolLog> pools = new ConcurrentHashMap<>();
  private final Object changed = new Object();
  private long version;

  /**
   * How much is kept.
   *
   * @param age of the oldest row, at least
   * @param poolBytes of one table of one pool
   * @param totalBytes of everything
   */
  public record Bounds(Duration age, long poolBytes, long totalBytes) {}

  private record Key(String workspace, PoolId pool) {}

  private LogStore(Path root, Bounds bounds, LogCounters counters) {
    this.root = root;
    this.bounds = bounds;
    this.counters = counters;
  }

  /** Opens what is there; a folder that cannot be read is left alone, and said. */
  public static LogStore open(Path root, Bounds bounds, LogCounters counters) throws IOException {
    Files.createDirectories(root);
    var store = new LogStore(root, bounds, counters);
    for (Path workspace : children(root)) {
      for (Path pool : children(workspace)) {
        store.load(pool);
      }
    }
    return store;
  }

  private void load(Path folder) {
    try {
      PoolLog pool = PoolLog.open(folder);
      pools.put(new Key(pool.place().workspace(), pool.place().pool()), pool);
    } catch (IOException e) {
      log.error("the logs in {} cannot be read and are left alone", folder, e);
    }
  }

  private static List<Path> children(Path folder) throws IOException {
    List<Path> children = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      entries.forEach(children::add);
    }
    return children;
  }

  // --- writing ---------------------------------------------------------------------------------

  /**
   * Stores blocks.
   *
   * @throws IOException if none was stored
   */
  public void append(LogPlace place, LogTable table, List<LogBlock> blocks) throws IOException {
    PoolLog pool = pools.get(new Key(place.workspace(), place.pool()));
    if (pool == null) {
      pool = PoolLog.create(root.resolve(place.workspace()).resolve(place.pool().value()), place);
      pools.put(new Key(place.workspace(), place.pool()), pool);
    }
    pool.table(table).append(blocks);
    counters.stored(blocks);
    tellReaders();
  }

  private void tellReaders() {
    synchronized (changed) {
      version++;
      changed.notifyAll();
    }
  }

  /** How far each console has been read whose end has not been, and whose it is. */
  Map<SandboxId, Reached> reached() {
    Map<SandboxId, Reached> all = new TreeMap<>();
    pools.forEach(
        (key, pool) ->
            pool.table(LogTable.CONSOLE)
                .positions()
                .forEach((id, read) -> all.put(id, new Reached(pool.place().pool(), read))));
    return all;
  }

  /** How far a console of a pool has been read. */
  record Reached(PoolId pool, ConsolePosition read) {}

  /** Removes what is too old or too much. */
  public void retain(Instant now) throws IOException {
    long from = LogRow.micros(now.minus(bounds.age));
    for (Map.Entry<Key, PoolLog> entry : List.copyOf(pools.entrySet())) {
      PoolLog pool = entry.getValue();
      for (TableLog table : pool.tables()) {
        counters.cut(table.retain(from, bounds.poolBytes));
      }
      if (pool.tables().stream().allMatch(it -> it.isEmpty() && it.positions().isEmpty())) {
        pools.remove(entry.getKey());
        remove(root.resolve(entry.getKey().workspace).resolve(entry.getKey().pool.value()));
        tellReaders();
      }
    }
    retainTotal();
  }

  private void retainTotal() throws IOException {
    List<TableLog> tables = tables();
    long total = tables.stream().mapToLong(TableLog::bytes).sum();
    while (total > bounds.totalBytes) {
      TableLog oldest =
          tables.stream().min(Comparator.comparingLong(TableLog::oldest)).orElseThrow();
      long cut = oldest.retain(Long.MIN_VALUE, oldest.bytes() - 1);
      if (cut == 0) {
        return;
      }
      counters.cut(cut);
      total -= cut;
    }
  }

  private List<TableLog> tables() {
    return pools.values().stream().flatMap(it -> it.tables().stream()).toList();
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  // --- reading ---------------------------------------------------------------------------------

  /** The pools that have logged to a workspace. */
  public List<PoolLog> workspace(String workspace) {
    return pools.values().stream()
        .filter(it -> it.place().workspace().equalsIgnoreCase(workspace))
        .sorted(Comparator.comparing(it -> it.place().pool()))
        .toList();
  }

  /** What a pool has logged, to whichever workspaces. */
  public List<PoolLog> pool(PoolId pool) {
    return pools.values().stream()
        .filter(it -> it.place().pool().equals(pool))
        .sorted(Comparator.comparing(it -> it.place().workspace()))
        .toList();
  }

  /** Everything. */
  public List<PoolLog> all() {
    return List.copyOf(pools.values());
  }

  /** The workspace and pool, if anything was logged there. */
  public Optional<PoolLog> find(String workspace, PoolId pool) {
    return Optional.ofNullable(pools.get(new Key(workspace, pool)));
  }

  /** Bytes on disk. */
  public long bytes() {
    return tables().stream().mapToLong(TableLog::bytes).sum();
  }

  /** A number that grows with each change. */
  public long version() {
    synchronized (changed) {
      return version;
    }
  }

  /** Waits until something was stored since that version, at most so long. */
  public long awaitChange(long seen, Duration atMost) throws InterruptedException {
    long deadline = System.nanoTime() + atMost.toNanos();
    synchronized (changed) {
      while (version == seen) {
        long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
        if (left <= 0) {
          break;
        }
        changed.wait(left);
      }
      return version;
    }
  }
}
