package dev.sandpool.server.identity;

import dev.sandpool.server.config.IdentitySettings;
import java.time.Duration;

/**
 * What holds for all tokens.
 *
 * @param lifetime of tokens that the built-in authority issues
 * @param keyAge after which another key signs
 * @param skew how far clocks may differ
 * @param dev whether the fixed development token is accepted
 */
public record TokenRules(Duration lifetime, Duration keyAge, Duration skew, boolean dev) {
  /** The configured rules. */
  public static TokenRules of(IdentitySettings settings, boolean dev) {
    return new TokenRules(
        settings.tokenLifetime(), settings.signingKeyAge(), settings.clockSkew(), dev);
  }
}
