package dev.sandpool.cli.output;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import tools.jackson.databind.JsonNode;

/** Comma-separated values as in RFC 4180, names first: for spreadsheets. */
final class CsvText {
  private CsvText() {}

  /** Without a line feed at the end; empty where there is nothing. */
  static String of(JsonNode json) {
    List<JsonNode> rows =
        json.isArray() ? List.copyOf(json.values()) : json.isNull() ? List.of() : List.of(json);
    Set<String> names = new LinkedHashSet<>();
    rows.forEach(row -> names.addAll(row.propertyNames()));
    var lines = new StringJoiner("\n");
    if (!names.isEmpty()) {
      lines.add(line(List.copyOf(names)));
    }
    for (JsonNode row : rows) {
      lines.add(
          row.isObject()
              ? line(names.stream().map(name -> cell(row.path(name))).toList())
              : line(List.of(cell(row))));
    }
    return lines.toString();
  }

  /** Nothing stays nothing: a spreadsheet would take a word for a value. */
  private static String cell(JsonNode value) {
    return value.isMissingNode() || value.isNull() ? "" : Cells.of(value);
  }

  private static String line(List<String> cells) {
    var line = new StringJoiner(",");
    cells.forEach(cell -> line.add(quoted(cell)));
    return line.toString();
  }

  private static String quoted(String cell) {
    return cell.contains(",") || cell.contains("\"")
        ? '"' + cell.replace("\"", "\"\"") + '"'
        : cell;
  }
}
