package dev.sandpool.cli.output;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Columns under headings, for people; nested values are left out. */
final class TableText {
  private TableText() {}

  /** Without a line feed at the end; empty where there is no row. */
  static String of(JsonNode json) {
    List<JsonNode> rows = json.isArray() ? List.copyOf(json.values()) : List.of(json);
    if (rows.isEmpty() || json.isNull()) {
      return "";
    }
    List<List<String>> lines = new ArrayList<>();
    Set<String> columns = columns(rows);
    if (columns.isEmpty()) {
      rows.forEach(row -> lines.add(cellsOf(row)));
      lines.addFirst(headings(lines));
    } else {
      lines.add(columns.stream().map(TableText::heading).toList());
      rows.forEach(row -> lines.add(columns.stream().map(name -> cell(row.path(name))).toList()));
    }
    return draw(lines);
  }

  private static Set<String> columns(List<JsonNode> rows) {
    Set<String> columns = new LinkedHashSet<>();
    for (JsonNode row : rows) {
      row.properties().stream()
          .filter(property -> !property.getValue().isContainer())
          .forEach(property -> columns.add(property.getKey()));
    }
    return columns;
  }

  private static List<String> cellsOf(JsonNode row) {
    return row.isArray() ? row.values().stream().map(Cells::of).toList() : List.of(Cells.of(row));
  }

  private static List<String> headings(List<List<String>> lines) {
    int width = lines.stream().mapToInt(List::size).max().orElse(0);
    List<String> headings = new ArrayList<>();
    for (int i = 1; i <= width; i++) {
      headings.add(width == 1 ? "Result" : "Column" + i);
    }
    return headings;
  }

  private static String heading(String name) {
    return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
  }

  private static String cell(JsonNode value) {
    return value.isMissingNode() || value.isNull() ? "" : Cells.of(value);
  }

  private static String draw(List<List<String>> lines) {
    int[] widths = new int[lines.getFirst().size()];
    for (List<String> line : lines) {
      for (int i = 0; i < line.size(); i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    List<String> rule = new ArrayList<>();
    for (int width : widths) {
      rule.add("-".repeat(width));
    }
    lines.add(1, rule);
    return lines.stream().map(line -> pad(line, widths)).collect(Collectors.joining("\n"));
  }

  private static String pad(List<String> line, int[] widths) {
    var text = new StringBuilder();
    for (int i = 0; i < line.size(); i++) {
      text.append(line.get(i)).repeat(' ', widths[i] - line.get(i).length() + 2);
    }
    return text.toString().stripTrailing();
  }
}
