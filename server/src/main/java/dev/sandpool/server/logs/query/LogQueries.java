package dev.sandpool.server.logs.query;

import dev.sandpool.server.logs.LogRow;
import dev.sandpool.server.logs.LogTable;
import dev.sandpool.server.logs.PoolLog;
import dev.sandpool.server.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Answers queries, a few at a time and on threads of their own: they compute for up to seconds, and
 * requests shall not wait for a processor meanwhile.
 */
public final class LogQueries implements AutoCloseable {
  private static final Duration LONGEST = Duration.ofSeconds(20);
  private static final int WAITING = 32;

  /** Text of a query. */
  private static final int LONGEST_TEXT = 16 << 10;

  private final String node;
  private final Time time;
  private final ThreadPoolExecutor threads;

  /**
   * @param node what {@code NodeName} says
   */
  public LogQueries(String node, int width, Time time) {
    this.node = node;
    this.time = time;
    this.threads =
        new ThreadPoolExecutor(
            width,
            width,
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(WAITING),
            Thread.ofPlatform().name("log-query-", 0).daemon().factory());
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * A question.
   *
   * @param from and {@code to}: rows of which time, both ends included
   */
  public record Question(String text, Optional<Instant> from, Optional<Instant> to) {}

  /** More are asked at once than are answered. */
  public static final class BusyException extends Exception {
    private static final long serialVersionUID = 1L;

    BusyException() {
      super("more than " + WAITING + " queries wait already");
    }
  }

  /**
   * Answers from what these pools have logged.
   *
   * @throws QueryException saying what is wrong with the query, and where
   */
  public Result answer(Question question, List<PoolLog> pools)
      throws QueryException, BusyException, IOException, InterruptedException {
    try {
      return threads.submit(() -> run(question, pools)).get();
    } catch (RejectedExecutionException e) {
      throw new BusyException();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case QueryException refused -> throw refused;
        case IOException failed -> throw failed;
        case null, default -> throw new IllegalStateException(e.getCause());
      }
    }
  }

  private Result run(Question question, List<PoolLog> pools) throws QueryException, IOException {
    if (question.text.length() > LONGEST_TEXT) {
      throw Parser.syntax(
          "the query has more than " + LONGEST_TEXT + " characters",
          new Token(Token.Kind.END, "", 1, LONGEST_TEXT));
    }
    Query query = Parser.parse(question.text, time.now());
    LogTable table =
        LogTable.titled(query.table().text())
            .orElseThrow(
                () ->
                    Binder.semantic(
                        "there is no table "
                            + query.table().shown()
                            + "; there are: "
                            + String.join(
                                ", ",
                                Arrays.stream(LogTable.values()).map(LogTable::title).toList())
                            + ", each also with _CL",
                        query.table()));
    var limits = new Limits(System.nanoTime() + LONGEST.toNanos());
    var result = new Result(limits);
    Sink first = new Plan(limits, result).of(query.stages(), LogColumns.of(query.table().text()));
    TimeRange range =
        new TimeRange(
                question.from.orElse(TimeRange.ALL.from()), question.to.orElse(TimeRange.ALL.to()))
            .and(TimeRange.of(query.stages()));
    scan(new Scan(query.table(), table, range, limits), pools, first);
    first.end();
    return result;
  }

  private record Scan(Token title, LogTable table, TimeRange range, Limits limits) {}

  private void scan(Scan scan, List<PoolLog> pools, Sink first) throws QueryException, IOException {
    long from = LogRow.micros(scan.range.from());
    long to = LogRow.micros(scan.range.to());
    for (PoolLog pool : pools) {
      boolean more =
          pool.scan(
              scan.table,
              from,
              to,
              (origin, row) -> {
                scan.limits.checkTime(scan.title);
                return first.accept(
                    new LogColumns.StoredRow(scan.title.text(), node, pool.place(), origin, row));
              });
      if (!more) {
        return;
      }
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
