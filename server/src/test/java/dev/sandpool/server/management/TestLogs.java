package dev.sandpool.server.management;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.logs.LogBlock;
import dev.sandpool.server.logs.LogCounters;
import dev.sandpool.server.logs.LogOrigin;
import dev.sandpool.server.logs.LogPlace;
import dev.sandpool.server.logs.LogRow;
import dev.sandpool.server.logs.LogStore;
import dev.sandpool.server.logs.LogTable;
import dev.sandpool.server.logs.SessionHash;
import dev.sandpool.server.logs.query.LogQueries;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Stored logs, as a collector would have left them. */
final class TestLogs implements AutoCloseable {
  static final String WORKSPACE = "aaaaaaaa-0000-4000-8000-000000000001";

  private final Path folder;
  private final LogCounters counters = new LogCounters();
  private final LogStore store;
  private final LogQueries queries;
  private final SessionHash hash = new SessionHash(DataKey.of(new byte[32]));

  TestLogs(Path folder, Supplier<Instant> now) throws IOException {
    this.folder = folder;
    var bounds = new LogStore.Bounds(Duration.ofDays(9999), 1 << 30, 1 << 30);
    this.store = LogStore.open(folder, bounds, counters);
    this.queries = new LogQueries("node-1", 1, new Wall(now));
  }

  private record Wall(Supplier<Instant> clock) implements Time {
    @Override
    public Instant now() {
      return clock.get();
    }

    @Override
    public long nanos() {
      return 0;
    }
  }

  LogAccess access() {
    return new LogAccess(store, queries, hash, counters::counts);
  }

  SessionHash hash() {
    return hash;
  }

  /** Stores one row of a pool of the test's environment. */
  void add(PoolId pool, LogTable table, LogOrigin origin, LogRow row) throws IOException {
    var place =
        new LogPlace(
            WORKSPACE,
            pool,
            "my-pool",
            ManagementFixture.POOL,
            ManagementFixture.ENVIRONMENT,
            "eastasia");
    store.append(place, table, List.of(LogBlock.of(origin, row)));
  }

  @Override
  public void close() throws IOException {
    queries.close();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
