package dev.sandpool.bench;

import java.util.List;

/**
 * The documentation's page of figures: parts that a full run writes, between marks, and around them
 * what people wrote, which stays.
 *
 * @param text all of it, with a begin and an end of each part
 */
record Page(String text) {
  private static final String TABLE = "measured";
  private static final String METHODS = "methods";

  Page {
    for (String part : List.of(TABLE, METHODS)) {
      int begin = text.indexOf(begin(part));
      if (begin < 0 || text.indexOf(end(part)) < begin) {
        throw new IllegalArgumentException(
            "the page has no '%s' with an '%s' behind it"
                .formatted(begin(part).strip(), end(part).strip()));
      }
    }
  }

  /** With what this run has to say in the place of what an earlier one had. */
  Page with(Report report) {
    return with(TABLE, report.table()).with(METHODS, report.methods());
  }

  /** How each scenario is measured, as it stands here. */
  String methods() {
    return text.substring(from(METHODS), text.indexOf(end(METHODS)));
  }

  private Page with(String part, String fresh) {
    return new Page(
        text.substring(0, from(part)) + fresh + text.substring(text.indexOf(end(part))));
  }

  private int from(String part) {
    return text.indexOf(begin(part)) + begin(part).length();
  }

  private static String begin(String part) {
    return "<!-- begin " + part + " -->\n";
  }

  private static String end(String part) {
    return "<!-- end " + part + " -->\n";
  }
}
