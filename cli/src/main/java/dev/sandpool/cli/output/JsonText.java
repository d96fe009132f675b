package dev.sandpool.cli.output;

import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Writes JSON: compact for requests, indented by two for people, coloured for terminals.
 *
 * <p>Of our own because the library's writers take longer to load than a whole command may.
 */
public final class JsonText {
  private static final String RESET = "\033[0m";
  private static final String KEY = "\033[34m";
  private static final String STRING = "\033[32m";
  private static final String SCALAR = "\033[33m";

  private final StringBuilder out = new StringBuilder();
  private final boolean indented;
  private final boolean coloured;

  private JsonText(boolean indented, boolean coloured) {
    this.indented = indented;
    this.coloured = coloured;
  }

  /** On one line without spaces. */
  public static String compact(JsonNode json) {
    return new JsonText(false, false).value(json, 0).out.toString();
  }

  /** On several lines, without a line feed at the end. */
  public static String pretty(JsonNode json, boolean coloured) {
    return new JsonText(true, coloured).value(json, 0).out.toString();
  }

  private JsonText value(JsonNode json, int depth) {
    if (json.isObject()) {
      object(json, depth);
    } else if (json.isArray()) {
      array(json, depth);
    } else if (json.isString()) {
      paint(STRING, quoted(json.stringValue()));
    } else {
      paint(SCALAR, json.isMissingNode() ? "null" : json.asString("null"));
    }
    return this;
  }

  private void object(JsonNode json, int depth) {
    out.append('{');
    boolean first = true;
    for (Map.Entry<String, JsonNode> property : json.properties()) {
      separate(first, depth + 1);
      paint(KEY, quoted(property.getKey()));
      out.append(indented ? ": " : ":");
      value(property.getValue(), depth + 1);
      first = false;
    }
    end(first, depth, '}');
  }

  private void array(JsonNode json, int depth) {
    out.append('[');
    boolean first = true;
    for (JsonNode element : json.values()) {
      separate(first, depth + 1);
      value(element, depth + 1);
      first = false;
    }
    end(first, depth, ']');
  }

  private void separate(boolean first, int depth) {
    if (!first) {
      out.append(',');
    }
    newLine(depth);
  }

  private void end(boolean empty, int depth, char bracket) {
    if (!empty) {
      newLine(depth);
    }
    out.append(bracket);
  }

  private void newLine(int depth) {
    if (indented) {
      out.append('\n').repeat("  ", depth);
    }
  }

  private void paint(String colour, String text) {
    if (coloured) {
      out.append(colour).append(text).append(RESET);
    } else {
      out.append(text);
    }
  }

  private static String quoted(String text) {
    var quoted = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        default -> {
          // DEL and the C1 controls too: a terminal obeys them.
          if (Character.isISOControl(c)) {
            quoted.append("\\u%04x".formatted((int) c));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }
}
