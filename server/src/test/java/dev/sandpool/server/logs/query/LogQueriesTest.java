package dev.sandpool.server.logs.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sandpool.server.ledger.Samples;
import dev.sandpool.server.logs.LogBlock;
import dev.sandpool.server.logs.LogCounters;
import dev.sandpool.server.logs.LogOperation;
import dev.sandpool.server.logs.LogOrigin;
import dev.sandpool.server.logs.LogPlace;
import dev.sandpool.server.logs.LogRow;
import dev.sandpool.server.logs.LogStore;
import dev.sandpool.server.logs.LogTable;
import dev.sandpool.server.time.VirtualTime;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Queries that answer something else than they say, and those that are not of the subset. */
class LogQueriesTest {
  private static final String WORKSPACE = "7d0b0000-0000-0000-0000-000000000001";

  @TempDir private Path folder;
  private final VirtualTime time = new VirtualTime();
  private final LogQueries queries = new LogQueries("node-1", 1, time);
  private @Nullable LogStore opened;

  private LogStore store() {
    return java.util.Objects.requireNonNull(opened);
  }

  /** 60 lines, one a minute, the newest now: every third an error, of two pools by turns. */
  @BeforeEach
  void fill() throws Exception {
    opened =
        LogStore.open(
            folder, new LogStore.Bounds(Duration.ofDays(9), 1 << 30, 1 << 30), new LogCounters());
    time.advance(Duration.ofDays(1));
    for (int i = 59; i >= 0; i--) {
      Instant at = time.now().minus(Duration.ofMinutes(i));
      LogOperation stream = i % 3 == 0 ? LogOperation.STDERR : LogOperation.STDOUT;
      store()
          .append(
              place(i % 2),
              LogTable.CONSOLE,
              List.of(
                  LogBlock.of(
                      new LogOrigin("pod" + i % 4, "rev", i % 4 == 0 ? "hash" : ""),
                      LogRow.of(at, stream, "Line number " + i + " said Hello-World"))));
    }
    store()
        .append(
            place(0),
            LogTable.LIFECYCLE,
            List.of(
                LogBlock.of(
                    new LogOrigin("pod0", "rev", ""),
                    LogRow.of(time.now(), LogOperation.FAILED, "exit code 3"))));
  }

  private static LogPlace place(int pool) {
    return new LogPlace(
        WORKSPACE,
        Samples.poolId(pool),
        "pool" + pool,
        Samples.GROUP + "/providers/Microsoft.App/sessionPools/pool" + pool,
        Samples.ENVIRONMENT,
        "local");
  }

  @AfterEach
  void close() {
    queries.close();
  }

  private Result ask(String query) throws Exception {
    return queries.answer(
        new LogQueries.Question(query, Optional.empty(), Optional.empty()),
        store().workspace(WORKSPACE));
  }

  private List<String> texts(String query) throws Exception {
    List<String> texts = new ArrayList<>();
    for (List<@Nullable Object> row : ask(query).rows()) {
      texts.add(String.join(" ", row.stream().map(String::valueOf).toList()));
    }
    return texts;
  }

  @Test
  void theDocumentedQueriesAnswer() throws Exception {
    for (LogTable table : LogTable.values()) {
      for (String name : List.of(table.title(), table.title() + "_CL")) {
        Result result =
            ask(
                name
                    + " | where TimeGenerated > ago(1h) | order by TimeGenerated desc | take"
                    + " 100");
        assertThat(result.columns()).extracting(Column::name).contains("TimeGenerated", "Type");
        int expected = table == LogTable.CONSOLE ? 60 : table == LogTable.LIFECYCLE ? 1 : 0;
        assertThat(result.rows()).hasSize(expected);
      }
    }
    assertThat(ask("AppEnvSessionPoolEvents | take 1").rows()).isEmpty();
    List<String> newest =
        texts(
            "AppEnvSessionConsoleLogs\n| where TimeGenerated > ago(10m) // not older\n"
                + "| sort by TimeGenerated desc\n| take 2 | project Log");
    assertThat(newest)
        .containsExactly("Line number 0 said Hello-World", "Line number 1 said Hello-World");
  }

  @Test
  void bothFormsOfNamesAreColumnsOfBothFormsOfTables() throws Exception {
    assertThat(ask("AppEnvSessionConsoleLogs_CL | take 1").columns())
        .extracting(Column::name)
        .contains("Log_s", "SessionPoolName_s", "TimeGenerated", "_ResourceId")
        .doesNotContain("Log");
    for (String table : List.of("AppEnvSessionConsoleLogs", "AppEnvSessionConsoleLogs_CL")) {
      assertThat(texts(table + " | where Log has '7' and SessionPoolName_s == 'pool1' | count"))
          .containsExactly("1");
      assertThat(ask(table + " | project Log_s, Log").columns())
          .extracting(Column::name)
          .containsExactly("Log_s", "Log");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "Log contains 'hello'; 60",
        "Log !contains 'HELLO'; 0",
        "Log has 'world'; 60",
        "Log has 'worl'; 0",
        "Log has '5'; 1",
        "Log contains '5'; 15",
        "Log startswith 'line NUMBER 1'; 11",
        "Log endswith 'world'; 60",
        "PodName == 'pod1'; 15",
        "PodName == 'POD1'; 0",
        "PodName =~ 'POD1'; 15",
        "PodName != 'pod1'; 45",
        "PodName in ('pod1', 'pod2', 'none'); 30",
        "PodName !in ('pod1'); 45",
        "not(PodName == 'pod1' or Stream == 'stderr'); 30",
        "PodName == 'pod1' or PodName == 'pod2' and Stream == 'stderr'; 20",
        "(PodName == 'pod1' or PodName == 'pod2') and Stream == 'stderr'; 10",
        "TimeGenerated >= ago(10m); 11",
        "TimeGenerated > ago(10m); 10",
        "TimeGenerated > datetime(2026-01-01T23:30:00Z); 30",
        "TimeGenerated > datetime(2026-01-01 23:30) and TimeGenerated <="
            + " datetime('2026-01-01T23:40:00Z'); 10",
        "TimeGenerated == datetime(2026-01-02); 1",
        "TimeGenerated < now() and Level == 'Error'; 19",
        "_BilledSize > 30; 50",
        "SessionHash == 'hash'; 15",
        "_BilledSize < 30; 0",
        "_BilledSize <= 30; 10",
      })
  void conditionsHoldForWhatTheySay(String condition, String count) throws Exception {
    assertThat(texts("AppEnvSessionConsoleLogs | where " + condition + " | count"))
        .containsExactly(count);
  }

  @Test
  void rowsAreCountedByTimeAndColumn() throws Exception {
    Result result =
        ask(
            "AppEnvSessionConsoleLogs | summarize Lines = count(), max(TimeGenerated),"
                + " avg(_BilledSize) by bin(TimeGenerated, 20m), SessionPoolName"
                + " | order by TimeGenerated asc, SessionPoolName asc");
    assertThat(result.columns())
        .containsExactly(
            new Column("TimeGenerated", Type.DATETIME),
            new Column("SessionPoolName", Type.STRING),
            new Column("Lines", Type.LONG),
            new Column("max_TimeGenerated", Type.DATETIME),
            new Column("avg__BilledSize", Type.REAL));
    assertThat(result.rows()).hasSize(7);
    assertThat(result.rows().stream().mapToLong(row -> (Long) row.get(2)).sum()).isEqualTo(60);
    assertThat(result.rows().get(1).getFirst()).isEqualTo(Instant.parse("2026-01-01T23:00:00Z"));
    assertThat(texts("AppEnvSessionConsoleLogs | distinct Stream | sort by Stream asc"))
        .containsExactly("stderr", "stdout");
    assertThat(texts("AppEnvSessionConsoleLogs | top 1 by TimeGenerated asc | project N = Log"))
        .containsExactly("Line number 59 said Hello-World");
    assertThat(texts("AppEnvSessionConsoleLogs | summarize min(TimeGenerated), max(_BilledSize)"))
        .containsExactly(time.now().minus(Duration.ofMinutes(59)) + " 31.0");
    assertThat(texts("AppEnvSessionConsoleLogs | order by TimeGenerated asc | limit 2")).hasSize(2);
    assertThat(texts("AppEnvSessionPoolEventLogs | summarize sum(_BilledSize), count()"))
        .containsExactly("0.0 0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AppEnvSessionConsoleLogs | where Log matches regex 'x'",
        "AppEnvSessionConsoleLogs | extend a = 1",
        "AppEnvSessionConsoleLogs | join kind=inner (AppEnvSessionConsoleLogs) on Log",
        "AppEnvSessionConsoleLogs | summarize dcount(Log)",
        "AppEnvSessionConsoleLogs | where strlen(Log) > 1",
        "AppEnvSessionConsoleLogs | take ten",
        "AppEnvSessionConsoleLogs | where Log == 'x",
        "AppEnvSessionConsoleLogs | where",
        "AppEnvSessionConsoleLogs where Log == 'x'",
        "AppEnvSessionConsoleLogs; AppEnvSessionConsoleLogs",
        "let x = 1; AppEnvSessionConsoleLogs",
        "union AppEnvSessionConsoleLogs, AppEnvSessionPoolEventLogs",
        "AppEnvSessionConsoleLogs | where TimeGenerated > ago(1x)",
        "AppEnvSessionConsoleLogs | where TimeGenerated > datetime(yesterday)",
        "",
      })
  void whatIsNotOfTheSubsetIsRefusedWithItsPlace(String query) {
    var refused = catchThrowableOfType(QueryException.class, () -> ask(query));
    assertThat(refused.kind()).isIn(QueryException.Cause.SYNTAX, QueryException.Cause.SEMANTIC);
    assertThat(refused.getMessage()).contains("line 1, column " + refused.column());
  }

  @Test
  void theOperatorIsNamed() {
    var refused =
        catchThrowableOfType(
            QueryException.class,
            () -> ask("AppEnvSessionConsoleLogs\n  | where Log matches regex 'x'"));
    assertThat(refused).hasMessageContaining("'matches' is not of the subset");
    assertThat(refused.line()).isEqualTo(2);
    assertThat(refused.column()).isEqualTo(15);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Nowhere | take 1",
        "AppEnvSessionConsoleLogs | where Identifier == 'x'",
        "AppEnvSessionConsoleLogs | where Log > 5",
        "AppEnvSessionConsoleLogs | where Log",
        "AppEnvSessionConsoleLogs | where _BilledSize contains 'x'",
        "AppEnvSessionConsoleLogs | summarize avg(Log)",
        "AppEnvSessionConsoleLogs | summarize count() by bin(Log, 5)",
        "AppEnvSessionConsoleLogs | project Log | where PodName == 'x'",
      })
  void whatDoesNotFitTogetherIsRefused(String query) {
    var refused = catchThrowableOfType(QueryException.class, () -> ask(query));
    assertThat(refused.kind()).isEqualTo(QueryException.Cause.SEMANTIC);
  }

  @Test
  void anAnswerIsBoundedAndSaysSo() throws Exception {
    List<LogRow> rows = new ArrayList<>();
    for (int i = 0; i < 40_000; i++) {
      rows.add(LogRow.of(time.now(), LogOperation.STDOUT, "x" + i));
    }
    var block = new LogBlock(new LogOrigin("pod9", "rev", ""), rows, null, false);
    store().append(place(1), LogTable.CONSOLE, List.of(block));

    Result all = ask("AppEnvSessionConsoleLogs | where PodName == 'pod9'");
    assertThat(all.rows()).hasSize(Limits.ROWS);
    assertThat(all.isCut()).isTrue();
    assertThat(ask("AppEnvSessionConsoleLogs | sort by Log").isCut()).isTrue();
    assertThat(ask("AppEnvSessionConsoleLogs | sort by Log | take 5").isCut()).isFalse();
    assertThat(texts("AppEnvSessionConsoleLogs | count")).containsExactly("40060");
  }

  @Test
  void aTimespanOutsideTheQueryBoundsItToo() throws Exception {
    Result result =
        queries.answer(
            new LogQueries.Question(
                "AppEnvSessionConsoleLogs | count",
                Optional.of(time.now().minus(Duration.ofMinutes(5))),
                Optional.empty()),
            store().workspace(WORKSPACE));
    assertThat(result.rows()).isEqualTo(List.of(List.of(6L)));
  }
}
