package dev.sandpool.cli.monitor;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code sandpool monitor log-analytics query}. */
@CommandLine.Command(
    name = "query",
    description = "Asks the stored logs of a workspace in a subset of Kusto (docs/contract.md).",
    footer = {
      "",
      "Examples",
      "  sandpool monitor log-analytics query -w WORKSPACE_ID \\",
      "    --analytics-query \"AppEnvSessionConsoleLogs | where TimeGenerated > ago(1h) | take 9\"",
    })
public final class LogAnalyticsQuery extends Command {
  @Option(
      names = {"-w", "--workspace"},
      required = true,
      paramLabel = "ID",
      description = "Customer id of the workspace; env show tells it as sandpoolLogsWorkspaceId.",
      order = 1)
  private String workspace = "";

  @Option(
      names = "--analytics-query",
      required = true,
      paramLabel = "QUERY",
      description = "The query.",
      order = 2)
  private String query = "";

  @Option(
      names = {"-t", "--timespan"},
      paramLabel = "SPAN",
      description = "Bounds the query's time: PT1H, or START/END.",
      order = 3)
  private @Nullable String timespan;

  public LogAnalyticsQuery(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("query", query);
    if (timespan != null) {
      body.put("timespan", timespan);
    }
    JsonNode answer = connection().arm().post("/v1/workspaces/" + workspace + "/query", body);
    String missing = answer.at("/error/message").asString("");
    if (!missing.isEmpty()) {
      shell().err().println("WARNING: " + missing);
    }
    print(rows(answer.at("/tables/0")));
  }

  /** A row is an object, with text for everything, as az shows it. */
  private static ArrayNode rows(JsonNode table) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (JsonNode row : table.path("rows").values()) {
      ObjectNode shown = rows.addObject();
      for (int i = 0; i < row.size(); i++) {
        String name = table.path("columns").path(i).path("name").asString("");
        shown.put(name, row.path(i).isNull() ? null : row.path(i).asString());
      }
      shown.put("TableName", table.path("name").asString(""));
    }
    return rows;
  }
}
