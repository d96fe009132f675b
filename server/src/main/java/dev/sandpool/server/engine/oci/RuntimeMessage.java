package dev.sandpool.server.engine.oci;

import java.util.List;

/** What a runtime says when it fails, without its stack traces and in a length for a person. */
final class RuntimeMessage {
  private static final int LONGEST = 500;

  private RuntimeMessage() {}

  /** The message of a logged line: {@code time="..." level=error msg="text \\"quoted\\""}. */
  static String plain(String message) {
    int start = message.indexOf(" msg=\"");
    return start < 0
        ? message
        : message.substring(start + 6).replaceAll("\"\\s*$", "").replace("\\\"", "\"");
  }

  static String shorten(String message) {
    List<String> lines =
        message.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    String best =
        lines.stream()
            .filter(line -> line.contains("rror") || line.contains("ailed"))
            .reduce((first, second) -> second)
            .orElse(lines.isEmpty() ? "no reason given" : lines.getLast());
    String text = plain(best);
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
  }
}
