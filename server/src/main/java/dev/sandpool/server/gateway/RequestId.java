package dev.sandpool.server.gateway;

import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/**
 * The name of one request in answers, logs and traces: 128 random bits. Made for telling requests
 * apart, not for keeping anything secret.
 */
record RequestId(long high, long low) {
  private static final String DIGITS = "0123456789abcdef";

  static RequestId random(RandomGenerator random) {
    return new RequestId(random.nextLong(), random.nextLong() | 1L);
  }

  /** Trace id and span id of a {@code traceparent} (W3C Trace Context), the hyphen between. */
  String traceAndSpan() {
    byte[] text = new byte[49];
    hex(high, 64, 64, text, 0);
    hex(low, 64, 64, text, 16);
    text[32] = '-';
    hex((low ^ high) | 1, 64, 64, text, 33);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  /** In the form of a UUID. */
  @Override
  public String toString() {
    byte[] text = new byte[36];
    hex(high, 64, 32, text, 0);
    text[8] = '-';
    hex(high, 32, 16, text, 9);
    text[13] = '-';
    hex(high, 16, 16, text, 14);
    text[18] = '-';
    hex(low, 64, 16, text, 19);
    text[23] = '-';
    hex(low, 48, 48, text, 24);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  /** Writes that many bits below {@code from}; put together of strings it would be costly. */
  private static void hex(long value, int from, int bits, byte[] to, int at) {
    for (int i = 0; i < bits / 4; i++) {
      int digit = (int) (value >>> (from - 4 * (i + 1))) & 0xf;
      to[at + i] = (byte) DIGITS.charAt(digit);
    }
  }
}
