package dev.sandpool.server.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;

/**
 * {@code usage}: how long is kept who used how much, and what that costs.
 *
 * @param retention of hours of pools
 * @param sandboxRetention of hours of single sandboxes
 * @param currency a label for what {@code prices} are in
 */
public record UsageSettings(
    Duration retention, Duration sandboxRetention, String currency, Prices prices) {
  /**
   * What usage costs; what has no price costs nothing.
   *
   * @param vcpuSecond of a reserved core
   * @param gibSecond of reserved memory
   * @param request forwarded
   * @param sessionHour begun
   */
  public record Prices(
      Optional<BigDecimal> vcpuSecond,
      Optional<BigDecimal> gibSecond,
      Optional<BigDecimal> request,
      Optional<BigDecimal> sessionHour) {
    private static final String FREE = "no price";

    static Prices read(Section section) {
      return new Prices(
          section.optional("vcpuSecond", FREE, Form.price()),
          section.optional("gibSecond", FREE, Form.price()),
          section.optional("request", FREE, Form.price()),
          section.optional("sessionHour", FREE, Form.price()));
    }
  }

  static UsageSettings read(Section section) {
    return new UsageSettings(
        section.value("retention", "400d", Form.duration("1h", "3650d")),
        section.value("sandboxRetention", "7d", Form.duration("1h", "400d")),
        section.value("currency", "USD", Form.currency()),
        Prices.read(section.section("prices")));
  }
}
