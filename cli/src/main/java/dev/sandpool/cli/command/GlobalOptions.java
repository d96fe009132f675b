package dev.sandpool.cli.command;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.output.Format;
import dev.sandpool.cli.output.Query;
import dev.sandpool.cli.rest.Http;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** The options that every command has. */
final class GlobalOptions {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "json (default), jsonc, table, tsv, csv, yaml or none.",
      order = 100)
  Format output = Format.json;

  @Option(
      names = "--query",
      paramLabel = "JMESPATH",
      description = "Picks a part of the answer. More at https://jmespath.org.",
      order = 101)
  @Nullable String query;

  @Option(
      names = "--subscription",
      paramLabel = "ID",
      description = "Any GUID. Default: the one set by 'account set', else the login's.",
      order = 102)
  @Nullable String subscription;

  @Option(
      names = "--debug",
      description = "Shows requests and, when something breaks, where.",
      order = 103)
  boolean debug;

  @Option(names = "--verbose", description = "Shows requests.", order = 104)
  boolean verbose;

  @Option(
      names = "--only-show-errors",
      description = "Shows no progress and no warnings.",
      order = 105)
  boolean onlyShowErrors;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this help.",
      order = 106)
  boolean help;

  /** How much is told about requests. */
  Http.Trace trace() {
    if (debug) {
      return Http.Trace.HEADERS;
    }
    return verbose ? Http.Trace.LINES : Http.Trace.NONE;
  }

  /** Refuses a wrong query before anything is sent. */
  void check() {
    if (query != null) {
      Query.check(query);
    }
  }

  /**
   * @param tableColumns the query that makes a table of the whole answer
   */
  void print(Shell shell, JsonNode answer, @Nullable String tableColumns) {
    JsonNode picked = answer;
    if (query != null) {
      picked = Query.of(query).search(answer);
    } else if (output == Format.table && tableColumns != null) {
      picked = Query.of(tableColumns).search(answer);
    }
    String text = output.render(picked, shell.streams().terminalOut());
    if (!text.isEmpty()) {
      shell.out().println(text);
    }
  }
}
