package dev.sandpool.server.doctor;

import java.util.Locale;

/** Bytes for a person. */
final class Amount {
  private Amount() {}

  static String of(long bytes) {
    return bytes >= 1L << 30
        ? String.format(Locale.ROOT, "%.1f Gi", bytes / (double) (1L << 30))
        : (bytes >> 20) + " Mi";
  }
}
