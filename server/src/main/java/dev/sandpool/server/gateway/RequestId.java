package dev.sandpool.server.gateway;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * The name of one request in answers, logs and traces: 128 random bits. Made for telling requests
 * apart, not for keeping anything secret.
 */
record RequestId(long high, long low) {
  private static final HexFormat HEX = HexFormat.of();

  static RequestId random(RandomGenerator random) {
    return new RequestId(random.nextLong(), random.nextLong() | 1L);
  }

  /** Trace id and span id of a {@code traceparent} (W3C Trace Context), the hyphen between. */
  String traceAndSpan() {
    return HEX.toHexDigits(high) + HEX.toHexDigits(low) + "-" + HEX.toHexDigits((low ^ high) | 1);
  }

  /** In the form of a UUID. */
  @Override
  public String toString() {
    String first = HEX.toHexDigits(high);
    String second = HEX.toHexDigits(low);
    return first.substring(0, 8)
        + "-"
        + first.substring(8, 12)
        + "-"
        + first.substring(12)
        + "-"
        + second.substring(0, 4)
        + "-"
        + second.substring(4);
  }
}
