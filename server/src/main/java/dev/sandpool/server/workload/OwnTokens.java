package dev.sandpool.server.workload;

import dev.sandpool.server.identity.Authority;
import dev.sandpool.server.identity.Principal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Tokens that the built-in authority signs: anybody who trusts it (OpenID Connect discovery) knows
 * the identity by the token's subject.
 */
public final class OwnTokens implements TokenSource {
  private final Authority authority;
  private final InstantSource clock;

  /** Those of that authority. */
  public OwnTokens(Authority authority, InstantSource clock) {
    this.authority = authority;
    this.clock = clock;
  }

  @Override
  public WorkloadToken token(Grant grant, String resource) {
    Instant now = clock.instant();
    Duration lifetime = authority.lifetime();
    return new WorkloadToken(sign(grant, resource), now, now.plus(lifetime));
  }

  private String sign(Grant grant, String audience) {
    return authority.issue(
        new Principal(authority.tenant(), grant.principalId(), grant.clientId(), false), audience);
  }
}
