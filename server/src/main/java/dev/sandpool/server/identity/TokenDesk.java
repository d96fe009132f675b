package dev.sandpool.server.identity;

import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What stands before each endpoint that issues tokens: a bound on wrong secrets from one address,
 * and the audit.
 */
public final class TokenDesk {
  private static final Logger LOG = LoggerFactory.getLogger(TokenDesk.class);

  private final FailedTokens failed;
  private final TokenTrail trail;

  /** Counts wrong secrets with the wrong tokens of the planes. */
  public TokenDesk(FailedTokens failed, TokenTrail trail) {
    this.failed = failed;
    this.trail = trail;
  }

  /** Where requests come from, and how often they may be wrong. */
  FailedTokens failed() {
    return failed;
  }

  /**
   * Answers; blocks.
   *
   * @param from the address that asks
   * @param asked reads the request
   * @throws IllegalArgumentException of {@code asked}
   */
  TokenResponse answer(
      String from, TokenRequest asked, Function<TokenRequest, TokenResponse> authority) {
    int wait = failed.take(from);
    if (wait > 0) {
      return new TokenResponse.Later(wait);
    }
    try {
      TokenResponse response = authority.apply(asked);
      if (response.status() != 401) {
        failed.giveBack(from);
      }
      trail.answered(asked, response, from);
      return response;
    } catch (RuntimeException e) {
      LOG.error("a token endpoint failed", e);
      return new TokenResponse.Refused(500, "server_error", "the authority failed");
    }
  }
}
