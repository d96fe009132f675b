package dev.sandpool.server.management;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Times as the contract writes them: UTC, seven digits of fraction (contract 1.2, 1.5). */
final class Times {
  private static final DateTimeFormatter BARE =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSS").withZone(ZoneOffset.UTC);

  private Times() {}

  /** Without zone, as in {@code systemData} of GET and in {@code startTime}. */
  static String bare(Instant time) {
    return BARE.format(time);
  }

  /** With {@code Z}, as in {@code systemData} of a 201. */
  static String zulu(Instant time) {
    return BARE.format(time) + "Z";
  }

  /** With {@code +00:00}, as in {@code templateUpdateStatus}. */
  static String offset(Instant time) {
    return BARE.format(time) + "+00:00";
  }
}
