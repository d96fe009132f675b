package dev.sandpool.cli.output;

import tools.jackson.databind.JsonNode;

/** One value on one line, for formats without nesting. */
final class Cells {
  private Cells() {}

  static String of(JsonNode value) {
    if (value.isArray()) {
      return String.valueOf(value.size());
    }
    if (value.isObject()) {
      return "";
    }
    if (value.isFloatingPointNumber()) {
      // Neither the cost of a minute nor the seconds of a year with an exponent.
      return value.decimalValue().toPlainString();
    }
    return value.isNull() ? "None" : line(value.asString(""));
  }

  /** Nothing that would begin a new line or column, and nothing that a terminal obeys. */
  private static String line(String text) {
    return text.codePoints()
        .map(c -> Character.isISOControl(c) ? ' ' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
