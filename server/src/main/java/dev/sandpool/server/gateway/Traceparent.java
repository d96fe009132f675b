package dev.sandpool.server.gateway;

/** The form of the header {@code traceparent} (W3C Trace Context, 3.2.2). */
final class Traceparent {
  private static final int TRACE = 3;
  private static final int TRACE_END = 35;
  private static final int SPAN = 36;
  private static final int SPAN_END = 52;
  private static final int FLAGS = 53;
  private static final int LENGTH = 55;

  private Traceparent() {}

  /**
   * Whether a trace may be continued by that header. Versions that are not known yet begin like the
   * first and may go on after a hyphen.
   */
  static boolean isValid(CharSequence value) {
    int length = value.length();
    if (length < LENGTH || !isDigits(value, 0, 2) || !isDigits(value, FLAGS, LENGTH)) {
      return false;
    }
    boolean first = value.charAt(0) == '0' && value.charAt(1) == '0';
    boolean forbidden = value.charAt(0) == 'f' && value.charAt(1) == 'f';
    boolean ends = length == LENGTH || (!first && value.charAt(LENGTH) == '-');
    return !forbidden
        && ends
        && value.charAt(TRACE - 1) == '-'
        && value.charAt(TRACE_END) == '-'
        && value.charAt(SPAN_END) == '-'
        && isDigits(value, TRACE, TRACE_END)
        && isDigits(value, SPAN, SPAN_END)
        && !isZero(value, TRACE, TRACE_END)
        && !isZero(value, SPAN, SPAN_END);
  }

  /** The trace that a valid header names. */
  static String trace(CharSequence valid) {
    return valid.subSequence(TRACE, TRACE_END).toString();
  }

  /** The span in it that a valid header names: the caller's. */
  static String span(CharSequence valid) {
    return valid.subSequence(SPAN, SPAN_END).toString();
  }

  /** Whether the caller keeps the trace of a valid header. */
  static boolean isSampled(CharSequence valid) {
    return (Character.digit(valid.charAt(LENGTH - 1), 16) & 1) != 0;
  }

  private static boolean isDigits(CharSequence text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }

  private static boolean isZero(CharSequence text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (text.charAt(i) != '0') {
        return false;
      }
    }
    return true;
  }
}
