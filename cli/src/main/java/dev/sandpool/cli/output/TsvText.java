package dev.sandpool.cli.output;

import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Values parted by tabs, a line each element: for shell scripts. */
final class TsvText {
  private TsvText() {}

  /** Without a line feed at the end; empty for null. */
  static String of(JsonNode json) {
    if (json.isNull()) {
      return "";
    }
    return json.isArray()
        ? json.values().stream().map(TsvText::row).collect(Collectors.joining("\n"))
        : row(json);
  }

  private static String row(JsonNode row) {
    return row.isContainer()
        ? row.values().stream().map(Cells::of).collect(Collectors.joining("\t"))
        : Cells.of(row);
  }
}
