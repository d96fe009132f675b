package dev.sandpool.server.logs.query;

import java.util.Locale;

/**
 * A word of a query.
 *
 * @param text as it stands there; of a string, what it says
 */
record Token(Kind kind, String text, int line, int column) {
  /** What it is. */
  enum Kind {
    NAME,
    STRING,
    NUMBER,
    TIMESPAN,
    SYMBOL,
    END
  }

  boolean is(String symbol) {
    return kind == Kind.SYMBOL && text.equals(symbol);
  }

  /** Keywords are in lower case, as Kusto has them. */
  boolean isWord(String word) {
    return kind == Kind.NAME && text.equals(word);
  }

  /** For an error. */
  String shown() {
    return kind == Kind.END ? "the end of the query" : "'" + text + "'";
  }

  String lower() {
    return text.toLowerCase(Locale.ROOT);
  }
}
