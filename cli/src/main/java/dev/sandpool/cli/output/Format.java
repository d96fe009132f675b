package dev.sandpool.cli.output;

import tools.jackson.databind.JsonNode;

/** The values of {@code --output}, spelled as users type them. */
public enum Format {
  json,
  jsonc,
  table,
  tsv,
  csv,
  yaml,
  none;

  /** The text of an answer, without a line feed at the end. */
  public String render(JsonNode json, boolean terminal) {
    return switch (this) {
      case json -> JsonText.pretty(json, false);
      case jsonc -> JsonText.pretty(json, terminal);
      case table -> TableText.of(json);
      case tsv -> TsvText.of(json);
      case csv -> CsvText.of(json);
      case yaml -> YamlText.of(json);
      case none -> "";
    };
  }
}
