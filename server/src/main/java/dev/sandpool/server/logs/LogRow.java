package dev.sandpool.server.logs;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * One row as it is stored.
 *
 * @param micros since 1970
 * @param text UTF-8 where the sandbox wrote UTF-8: its bytes as they were
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared; there are thousands a second.
public record LogRow(long micros, LogOperation operation, byte[] text) {
  /** A row of our own words. */
  public static LogRow of(Instant at, LogOperation operation, String text) {
    return new LogRow(micros(at), operation, text.getBytes(StandardCharsets.UTF_8));
  }

  /** The time as it is stored. */
  public static long micros(Instant at) {
    return TimeUnit.SECONDS.toMicros(at.getEpochSecond()) + at.getNano() / 1000;
  }

  /** The time of that many microseconds. */
  public static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1000);
  }

  /** The text, with a replacement for what is not UTF-8. */
  public String string() {
    return new String(text, StandardCharsets.UTF_8);
  }
}
