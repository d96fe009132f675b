package dev.sandpool.server.gateway;

import org.jspecify.annotations.Nullable;

/** Percent-decoding of single octets (RFC 3986, 2.1). */
final class PercentEncoding {
  private PercentEncoding() {}

  /** The text decoded once, each octet one character; null if a {@code %} begins no octet. */
  static @Nullable String decode(String raw) {
    int percent = raw.indexOf('%');
    if (percent < 0) {
      return raw;
    }
    var text = new StringBuilder(raw.length());
    int done = 0;
    while (percent >= 0) {
      int octet = octet(raw, percent);
      if (octet < 0) {
        return null;
      }
      text.append(raw, done, percent).append((char) octet);
      done = percent + 3;
      percent = raw.indexOf('%', done);
    }
    return text.append(raw, done, raw.length()).toString();
  }

  private static int octet(String raw, int percent) {
    if (percent + 2 >= raw.length()) {
      return -1;
    }
    int high = Character.digit(raw.charAt(percent + 1), 16);
    int low = Character.digit(raw.charAt(percent + 2), 16);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }
}
