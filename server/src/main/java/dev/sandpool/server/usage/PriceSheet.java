package dev.sandpool.server.usage;

import dev.sandpool.server.ledger.UsageAmounts;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Optional;

/**
 * What usage costs; what has no price costs nothing.
 *
 * @param currency a label
 * @param vcpuSecond of a reserved core
 * @param gibSecond of reserved memory
 * @param request forwarded
 * @param sessionHour begun
 */
public record PriceSheet(
    String currency,
    Optional<BigDecimal> vcpuSecond,
    Optional<BigDecimal> gibSecond,
    Optional<BigDecimal> request,
    Optional<BigDecimal> sessionHour) {
  private static final BigDecimal MILLI_MILLI = BigDecimal.valueOf(1_000_000);
  private static final BigDecimal MEBI_MILLI = BigDecimal.valueOf(1024L * 1_000);

  /** One without any price. */
  public static final PriceSheet NONE =
      new PriceSheet("", Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /** Whether anything has a price; nobody is told of costs otherwise. */
  public boolean priced() {
    return vcpuSecond.isPresent()
        || gibSecond.isPresent()
        || request.isPresent()
        || sessionHour.isPresent();
  }

  /** Exact, up to 34 digits. */
  public BigDecimal cost(UsageAmounts amounts) {
    return of(vcpuSecond, amounts.milliCpuMillis(), MILLI_MILLI)
        .add(of(gibSecond, amounts.mebibyteMillis(), MEBI_MILLI))
        .add(of(request, amounts.requests(), BigDecimal.ONE))
        .add(of(sessionHour, amounts.sessionHours(), BigDecimal.ONE));
  }

  private static BigDecimal of(Optional<BigDecimal> price, long amount, BigDecimal unit) {
    return price
        .map(one -> one.multiply(BigDecimal.valueOf(amount)).divide(unit, MathContext.DECIMAL128))
        .orElse(BigDecimal.ZERO);
  }
}
