package dev.sandpool.bench;

import java.util.Locale;

/**
 * One line of the table.
 *
 * @param name what was measured, with its unit
 * @param value what came out, as shown
 * @param target what was to be reached, empty where nothing was promised
 * @param verdict whether it was
 */
record Figure(String name, String value, String target, Verdict verdict) {
  /** What a figure says about its target. */
  enum Verdict {
    MET("met"),
    NOT_MET("NOT MET"),
    /** Shown so that the others can be judged; nothing was promised. */
    FOR_COMPARISON(""),
    /** The scenario did not come to its end. */
    FAILED("FAILED");

    private final String word;

    Verdict(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  /** A figure that no target is set for. */
  static Figure plain(String name, String value) {
    return new Figure(name, value, "", Verdict.FOR_COMPARISON);
  }

  /** A figure that shall be no more than its target. */
  static Figure atMost(String name, double value, double target, String unit) {
    return new Figure(
        name, number(value) + unit, "<= " + number(target) + unit, verdict(value <= target));
  }

  /** A figure that shall be no less than its target. */
  static Figure atLeast(String name, double value, double target, String unit) {
    return new Figure(
        name, number(value) + unit, ">= " + number(target) + unit, verdict(value >= target));
  }

  /** Three significant digits, so that no more precision is shown than there is. */
  static String number(double value) {
    double size = Math.abs(value);
    int digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    String text = String.format(Locale.ROOT, "%,." + digits + "f", value);
    // A target is a round number and reads better as one.
    return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
  }

  private static Verdict verdict(boolean met) {
    return met ? Verdict.MET : Verdict.NOT_MET;
  }
}
