package dev.sandpool.server.config;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * {@code limits.subscription} and {@code limits.pool}: what pools may ask for at most, each counted
 * by as many sandboxes as it may have at once; what is absent is not bounded.
 *
 * @param vcpus cores of them together
 * @param memoryBytes memory of them together
 */
public record QuotaSettings(
    OptionalLong sandboxes, OptionalDouble vcpus, OptionalLong memoryBytes) {
  private static final String NONE = "no quota";

  static QuotaSettings read(Section section) {
    return new QuotaSettings(
        section
            .optional("sandboxes", NONE, Form.integer(0, 1_000_000))
            .map(OptionalLong::of)
            .orElse(OptionalLong.empty()),
        section
            .optional("vcpus", NONE, Form.decimal(0, 1_000_000))
            .map(OptionalDouble::of)
            .orElse(OptionalDouble.empty()),
        section
            .optional("memory", NONE, Form.size("0", "4096Ti"))
            .map(OptionalLong::of)
            .orElse(OptionalLong.empty()));
  }
}
