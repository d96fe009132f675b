package dev.sandpool.server.config;

import java.time.Duration;
import java.util.List;

/**
 * {@code identity}: tokens.
 *
 * @param tokenLifetime how long a token of the built-in authority is good
 * @param clockSkew how far the clocks of issuer and server may differ
 * @param issuers others whose tokens are accepted
 */
public record IdentitySettings(
    Duration tokenLifetime, Duration clockSkew, List<IssuerSettings> issuers) {
  public IdentitySettings {
    issuers = List.copyOf(issuers);
  }

  static IdentitySettings read(Section section) {
    return new IdentitySettings(
        section.value("tokenLifetime", "1h", Form.duration("1m", "1d")),
        section.value("clockSkew", "60s", Form.duration("0s", "5m")),
        section.sections("issuers", IssuerSettings::read));
  }
}
