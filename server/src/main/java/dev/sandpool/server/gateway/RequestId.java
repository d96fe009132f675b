package dev.sandpool.server.gateway;

import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/**
 * The name of one request in answers, logs and traces, 128 random bits, and when it came. Made for
 * telling requests apart, not for keeping anything secret.
 *
 * @param arrivedNanos when its head had been read, on the monotonic clock
 */
record RequestId(long high, long low, long arrivedNanos) {
  /** How many characters {@link #toString} has. */
  static final int LENGTH = 36;

  /** How many characters {@link #traceAndSpan} has. */
  static final int TRACE_LENGTH = 49;

  private static final String DIGITS = "0123456789abcdef";

  static RequestId random(RandomGenerator random, long nowNanos) {
    return new RequestId(random.nextLong(), random.nextLong() | 1L, nowNanos);
  }

  /** Trace id and span id of a {@code traceparent} (W3C Trace Context), the hyphen between. */
  String traceAndSpan() {
    byte[] text = new byte[TRACE_LENGTH];
    putTraceAndSpan(text, 0);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  /** The same, written there. */
  void putTraceAndSpan(byte[] to, int at) {
    hex(high, 64, 64, to, at);
    hex(low, 64, 64, to, at + 16);
    to[at + 32] = '-';
    hex((low ^ high) | 1, 64, 64, to, at + 33);
  }

  /** In the form of a UUID. */
  @Override
  public String toString() {
    byte[] text = new byte[LENGTH];
    put(text, 0);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  /** The same, written there. */
  void put(byte[] to, int at) {
    hex(high, 64, 32, to, at);
    to[at + 8] = '-';
    hex(high, 32, 16, to, at + 9);
    to[at + 13] = '-';
    hex(high, 16, 16, to, at + 14);
    to[at + 18] = '-';
    hex(low, 64, 16, to, at + 19);
    to[at + 23] = '-';
    hex(low, 48, 48, to, at + 24);
  }

  /** Writes that many bits below {@code from}; put together of strings it would be costly. */
  private static void hex(long value, int from, int bits, byte[] to, int at) {
    for (int i = 0; i < bits / 4; i++) {
      int digit = (int) (value >>> (from - 4 * (i + 1))) & 0xf;
      to[at + i] = (byte) DIGITS.charAt(digit);
    }
  }
}
