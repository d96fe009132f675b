package dev.sandpool.server.identity;

import dev.sandpool.server.config.IdentitySettings;
import dev.sandpool.server.config.IssuerSettings;
import java.time.Duration;
import java.util.List;

/**
 * What holds for all tokens.
 *
 * @param lifetime of tokens that the built-in authority issues
 * @param keyAge after which another key signs
 * @param skew how far clocks may differ
 * @param issuers others whose tokens are accepted
 * @param dev whether the fixed development token is accepted
 */
public record TokenRules(
    Duration lifetime, Duration keyAge, Duration skew, List<IssuerSettings> issuers, boolean dev) {
  public TokenRules {
    issuers = List.copyOf(issuers);
  }

  /** Rules for the built-in authority alone. */
  public TokenRules(Duration lifetime, Duration keyAge, Duration skew, boolean dev) {
    this(lifetime, keyAge, skew, List.of(), dev);
  }

  /** The configured rules. */
  public static TokenRules of(IdentitySettings settings, boolean dev) {
    return new TokenRules(
        settings.tokenLifetime(),
        settings.signingKeyAge(),
        settings.clockSkew(),
        settings.issuers(),
        dev);
  }
}
