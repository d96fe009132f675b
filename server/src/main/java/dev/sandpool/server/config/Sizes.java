package dev.sandpool.server.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Sizes in bytes as an operator writes them: {@code 65536}, {@code 64Ki}, {@code 1.5Gi}. */
final class Sizes {
  private static final Pattern FORM = Pattern.compile("(\\d{1,15})(\\.\\d{1,3})?(Ki|Mi|Gi|Ti)?");

  private Sizes() {}

  /**
   * A number of bytes, or a number with one of Ki, Mi, Gi, Ti (powers of 1024).
   *
   * @throws IllegalArgumentException for anything else; decimal units (K, MB) are refused because
   *     they are read both ways
   */
  static long parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches() || (matcher.group(2) != null && matcher.group(3) == null)) {
      throw new IllegalArgumentException("'" + text + "' is not a size such as 512Mi");
    }
    String fraction = matcher.group(2) == null ? "" : matcher.group(2);
    double bytes = Double.parseDouble(matcher.group(1) + fraction) * unit(matcher.group(3));
    if (bytes > (1L << 53)) {
      throw new IllegalArgumentException("'" + text + "' is too large");
    }
    return (long) bytes;
  }

  private static long unit(@Nullable String unit) {
    return switch (unit) {
      case null -> 1L;
      case "Ki" -> 1L << 10;
      case "Mi" -> 1L << 20;
      case "Gi" -> 1L << 30;
      default -> 1L << 40;
    };
  }
}
