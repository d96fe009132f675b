package dev.sandpool.bench;

import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.logs.LogBlock;
import dev.sandpool.server.logs.LogCounters;
import dev.sandpool.server.logs.LogOperation;
import dev.sandpool.server.logs.LogOrigin;
import dev.sandpool.server.logs.LogPlace;
import dev.sandpool.server.logs.LogRow;
import dev.sandpool.server.logs.LogStore;
import dev.sandpool.server.logs.LogTable;
import dev.sandpool.server.logs.query.LogQueries;
import dev.sandpool.server.time.Time;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How long a query of many stored rows takes. */
final class LogSearch implements Scenario {
  private static final String WORKSPACE = "aaaaaaaa-0000-4000-8000-000000000001";

  private static final String QUERY =
      "AppEnvSessionConsoleLogs | where Log contains 'tenant-77 ' and Stream == 'stderr'"
          + " | summarize count() by SessionPoolName";

  @Override
  public String name() {
    return "log-search";
  }

  @Override
  public String title() {
    return "Queries of logs";
  }

  @Override
  public String method() {
    return """
    Rows of a day of four pools are stored and asked for one hour of them with a filter on their text, five times after \
    one that is not counted: that is what the file cache holds.\
    """;
  }

  @Override
  public boolean onServer() {
    return false;
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    int rows = bench.pick(500_000, 10_000_000);
    LogStore store = LogStore.open(bench.folder("stored"), LogLoad.BOUNDS, new LogCounters());
    Instant end = Instant.parse("2026-11-29T00:00:00Z");
    bench.say("storing %s rows".formatted(Figure.number(rows)));
    fill(store, rows, LogRow.micros(end.minus(Duration.ofDays(1))));
    var question =
        new LogQueries.Question(
            QUERY,
            Optional.of(end.minus(Duration.ofHours(10))),
            Optional.of(end.minus(Duration.ofHours(9))));
    List<Double> seconds = new ArrayList<>();
    try (var queries = new LogQueries("bench", 1, Time.system())) {
      for (int i = 0; i < 6; i++) {
        long begin = System.nanoTime();
        var answer = queries.answer(question, store.workspace(WORKSPACE));
        if (answer.rows().size() != 4) {
          throw new IllegalStateException("four pools have such rows, not " + answer.rows());
        }
        if (i > 0) {
          seconds.add((System.nanoTime() - begin) / 1e9);
        }
      }
    }
    return List.of(
        Figure.atMost(
            "an hour of %s rows with a filter, median".formatted(Figure.number(rows)),
            Samples.of(seconds).median(),
            1,
            " s"),
        Figure.plain("range", Samples.of(seconds).withRange() + " s"),
        Figure.plain("their size", Figure.number(store.bytes() / 1e6) + " MB"));
  }

  /** A day of rows of four pools, in blocks as the collector stores them. */
  private static void fill(LogStore store, int rows, long begin) throws IOException {
    int block = 200;
    long step = Duration.ofDays(1).toNanos() / 1000 / rows;
    for (int number = 0; number < rows; number += block) {
      List<LogRow> lines = new ArrayList<>(block);
      for (int i = number; i < number + block; i++) {
        LogOperation stream = i % 5 == 0 ? LogOperation.STDERR : LogOperation.STDOUT;
        String text =
            "request %d of tenant-%d took %d ms: 200 GET /api/items?page=3 bytes=5120"
                .formatted(i, i % 97, i % 331);
        lines.add(new LogRow(begin + i * step, stream, text.getBytes(StandardCharsets.US_ASCII)));
      }
      int pool = number / block % 4;
      var origin =
          new LogOrigin(
              dev.sandpool.server.ledger.Samples.sandboxId(number / block % LogLoad.SANDBOXES)
                  .value(),
              "bench--r1",
              "0123456789abcdef");
      store.append(
          place(pool), LogTable.CONSOLE, List.of(new LogBlock(origin, lines, null, false)));
    }
  }

  private static LogPlace place(int number) {
    PoolRecord pool = dev.sandpool.server.ledger.Samples.pool(number, 1);
    return new LogPlace(
        WORKSPACE,
        pool.id(),
        "pool-" + number,
        pool.resourceId(),
        dev.sandpool.server.ledger.Samples.ENVIRONMENT,
        "local");
  }
}
