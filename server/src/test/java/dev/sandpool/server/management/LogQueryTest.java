package dev.sandpool.server.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.azure.core.exception.HttpResponseException;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpPipelineBuilder;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.monitor.query.LogsQueryClient;
import com.azure.monitor.query.LogsQueryClientBuilder;
import com.azure.monitor.query.models.LogsQueryResult;
import com.azure.monitor.query.models.LogsTableRow;
import com.azure.monitor.query.models.QueryTimeInterval;
import dev.sandpool.model.PoolId;
import dev.sandpool.server.logs.LogOperation;
import dev.sandpool.server.logs.LogOrigin;
import dev.sandpool.server.logs.LogRow;
import dev.sandpool.server.logs.LogTable;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Log queries by Azure's own Java client, which nobody told of us, and by plain requests. */
class LogQueryTest extends ManagementTestBase {
  private static final String QUERY = "/v1/workspaces/" + TestLogs.WORKSPACE + "/query";

  private PoolId pool = new PoolId("aaaaaaaaaa");

  @BeforeEach
  void fill() throws Exception {
    server.createEnvironment();
    server.createPool();
    pool = server.ledger.pools().getFirst().id();
    for (int i = 0; i < 5; i++) {
      LogOrigin origin =
          new LogOrigin("aaaabbbb", "rev", i < 2 ? "" : server.logs.hash().of(pool, "user-1"));
      LogOperation stream = i % 2 == 0 ? LogOperation.STDOUT : LogOperation.STDERR;
      server.logs.add(
          pool,
          LogTable.CONSOLE,
          origin,
          LogRow.of(server.now.get().minus(Duration.ofMinutes(i)), stream, "line \u00e9 " + i));
    }
    server.logs.add(
        pool,
        LogTable.LIFECYCLE,
        new LogOrigin("aaaabbbb", "rev", ""),
        LogRow.of(server.now.get(), LogOperation.FAILED, "exit code 1"));
  }

  private LogsQueryClient client() {
    return new LogsQueryClientBuilder()
        .endpoint(server.base() + "/v1")
        .pipeline(
            new HttpPipelineBuilder()
                .policies(
                    (context, next) -> {
                      context
                          .getHttpRequest()
                          .setHeader(
                              HttpHeaderName.AUTHORIZATION, "Bearer " + ManagementFixture.TOKEN);
                      return next.process();
                    })
                .httpClient(new JdkHttpClientBuilder().build())
                .build())
        .buildClient();
  }

  private LogsQueryResult ask(String query) {
    return client().queryWorkspace(TestLogs.WORKSPACE, query, QueryTimeInterval.ALL);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AppEnvSessionConsoleLogs",
        "AppEnvSessionConsoleLogs_CL",
        "AppEnvSessionLifecycleLogs",
        "AppEnvSessionPoolEventLogs"
      })
  void theDocumentedQueriesRunUnmodified(String table) {
    LogsQueryResult result =
        ask(
            table
                + " | where TimeGenerated > ago(1h) | order by TimeGenerated desc"
                + " | take 100");
    List<LogsTableRow> rows = result.getTable().getRows();
    assertThat(rows).hasSize(table.contains("Console") ? 5 : table.contains("Lifecycle") ? 1 : 0);
    if (table.equals("AppEnvSessionConsoleLogs")) {
      LogsTableRow newest = rows.getFirst();
      assertThat(newest.getColumnValue("Log").orElseThrow().getValueAsString())
          .isEqualTo("line \u00e9 0");
      assertThat(newest.getColumnValue("TimeGenerated").orElseThrow().getValueAsDateTime())
          .isEqualTo(OffsetDateTime.parse("2026-11-22T10:00:00.123456Z"));
      assertThat(newest.getColumnValue("_BilledSize").orElseThrow().getValueAsDouble())
          .isEqualTo(9);
    }
  }

  @Test
  void whatIsNotOfTheSubsetIsRefusedWithItsPlace() {
    var refused =
        catchThrowableOfType(
            HttpResponseException.class, () -> ask("AppEnvSessionConsoleLogs | extend x = 1"));
    assertThat(refused.getResponse().getStatusCode()).isEqualTo(400);
    var reply =
        server.call("POST", QUERY, "{\"query\":\"AppEnvSessionConsoleLogs | extend x = 1\"}");
    assertThat(reply.at("/error/code").asString()).isEqualTo("BadArgumentError");
    assertThat(reply.at("/error/innererror/innererror/pos").asInt()).isEqualTo(28);
    assertThat(reply.at("/error/innererror/innererror/token").asString()).isEqualTo("extend");
  }

  @Test
  void aQueryMayStandInTheAddressAndBeBoundedByATimespan() {
    String asked = QUERY + "?query=AppEnvSessionConsoleLogs%20%7C%20count&timespan=";
    for (String span :
        List.of(
            "PT90S", "2026-11-22T09:58:30Z/2026-11-22T11:00:00Z", "PT1M30S/2026-11-22T10:00:01Z")) {
      var reply = server.call("GET", asked + span);
      assertThat(reply.at("/tables/0/rows").toString()).as(span).isEqualTo("[[2]]");
      assertThat(reply.at("/tables/0/columns/0/type").asString()).isEqualTo("long");
    }
    assertThat(server.call("GET", asked + "yesterday").status()).isEqualTo(400);
    assertThat(server.call("GET", QUERY).status()).isEqualTo(400);
  }

  @Test
  void aWorkspaceThatIsNobodysIsNotFound() {
    String other = QUERY.replace("aaaaaaaa-", "bbbbbbbb-");
    assertThat(server.call("POST", other, "{\"query\":\"AppEnvSessionConsoleLogs\"}").status())
        .isEqualTo(404);
  }

  @Test
  void rowsOfAnEnvironmentAreForThoseWhoMayQueryItAndTheWorkspaceTellsOthersNothing() {
    String reader = "00000000-0000-0000-0000-0000000000aa";
    String query = "{\"query\":\"AppEnvSessionConsoleLogs | count\"}";
    assertThat(server.callAs(reader, "POST", QUERY, query).status()).isEqualTo(403);
    String other = QUERY.replace("aaaaaaaa-", "bbbbbbbb-");
    assertThat(server.callAs(reader, "POST", other, query).text().replace("bbbbbbbb-", "aaaaaaaa-"))
        .isEqualTo(server.callAs(reader, "POST", QUERY, query).text());

    server.give(dev.sandpool.server.role.BuiltInRole.READER, ManagementFixture.ENVIRONMENT, reader);
    assertThat(server.callAs(reader, "POST", QUERY, query).at("/tables/0/rows").toString())
        .isEqualTo("[[5]]");
  }

  @Test
  void storedRowsAreReadByWhoKnowsTheIdentifier() throws Exception {
    String path = ManagementFixture.POOL + "/readLogs";
    assertThat(server.call("POST", path, "{}").text().lines()).hasSize(5);
    assertThat(server.call("POST", path, "{\"identifier\":\"user-1\"}").text().lines())
        .hasSize(3)
        .allMatch(line -> !line.contains("user-1"));
    try (var nothing = server.stream("POST", path, "{\"identifier\":\"user-2\"}").body()) {
      assertThat(nothing.readAllBytes()).isEmpty();
    }
    assertThat(server.call("POST", path + "?stream=stderr", "{}").text().lines()).hasSize(2);
    assertThat(server.call("POST", path + "?since=2026-11-22T09:58:30Z", "{}").text().lines())
        .hasSize(2);
    assertThat(server.call("POST", path + "?type=lifecycle", "{}").text()).contains("exit code 1");
    assertThat(server.call("POST", path + "?type=none&stream=x&since=y", "{}").status())
        .isEqualTo(400);
  }
}
