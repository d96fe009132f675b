package dev.sandpool.server.logs.query;

/** A test of text, without regard to case. */
enum TextTest {
  EQUALS {
    @Override
    boolean holds(String text, String lower) {
      return text.length() == lower.length() && at(text, 0, lower);
    }
  },
  CONTAINS {
    @Override
    boolean holds(String text, String lower) {
      return find(text, 0, lower) >= 0;
    }
  },
  /** As a whole word: letters and digits do not touch it. */
  HAS {
    @Override
    boolean holds(String text, String lower) {
      for (int i = find(text, 0, lower); i >= 0; i = find(text, i + 1, lower)) {
        int end = i + lower.length();
        boolean begins = i == 0 || !Character.isLetterOrDigit(text.charAt(i - 1));
        if (begins && (end >= text.length() || !Character.isLetterOrDigit(text.charAt(end)))) {
          return true;
        }
      }
      return false;
    }
  },
  STARTSWITH {
    @Override
    boolean holds(String text, String lower) {
      return at(text, 0, lower);
    }
  },
  ENDSWITH {
    @Override
    boolean holds(String text, String lower) {
      return at(text, text.length() - lower.length(), lower);
    }
  };

  /**
   * @param lower what is looked for, in lower case
   */
  abstract boolean holds(String text, String lower);

  static TextTest of(String operator) {
    return switch (operator) {
      case "contains" -> CONTAINS;
      case "has" -> HAS;
      case "startswith" -> STARTSWITH;
      case "endswith" -> ENDSWITH;
      default -> EQUALS;
    };
  }

  private static boolean at(String text, int from, String lower) {
    return from >= 0 && text.regionMatches(true, from, lower, 0, lower.length());
  }

  private static int find(String text, int from, String lower) {
    if (lower.isEmpty()) {
      return from <= text.length() ? from : -1;
    }
    char small = lower.charAt(0);
    char large = Character.toUpperCase(small);
    for (int i = from; i <= text.length() - lower.length(); i++) {
      char c = text.charAt(i);
      if ((c == small || c == large) && at(text, i, lower)) {
        return i;
      }
    }
    return -1;
  }
}
