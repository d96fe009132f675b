package dev.sandpool.server.management;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Amounts of memory as the contract writes them: {@code 0.5Gi}, {@code 512Mi}. */
final class Memory {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(Gi|Mi)");
  private static final BigDecimal GIB = BigDecimal.valueOf(1L << 30);
  private static final BigDecimal MIB = BigDecimal.valueOf(1L << 20);

  private Memory() {}

  static Optional<Long> bytes(String text) {
    Matcher match = FORM.matcher(text);
    if (!match.matches()) {
      return Optional.empty();
    }
    BigDecimal unit = match.group(2).equals("Gi") ? GIB : MIB;
    return Optional.of(new BigDecimal(match.group(1)).multiply(unit).longValue());
  }

  static String text(long bytes) {
    BigDecimal gib = BigDecimal.valueOf(bytes).divide(GIB, 3, RoundingMode.HALF_UP);
    String plain = gib.stripTrailingZeros().toPlainString();
    return (plain.contains(".") ? plain : plain + ".0") + "Gi";
  }
}
