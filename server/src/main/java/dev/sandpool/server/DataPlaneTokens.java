package dev.sandpool.server;

import dev.sandpool.server.gateway.TokenCheck;
import dev.sandpool.server.identity.FailedTokens;
import dev.sandpool.server.identity.Plane;
import dev.sandpool.server.identity.TokenVerifier;
import dev.sandpool.server.role.Roles;
import java.time.InstantSource;

/** The data plane's question about a token, put to identity and roles. */
record DataPlaneTokens(
    TokenVerifier verifier, FailedTokens failed, Roles roles, InstantSource clock)
    implements TokenCheck {
  @Override
  public Verdict known(String token) {
    return verifier
        .known(token, Plane.DATA, clock.instant())
        .<Verdict>map(this::accepted)
        .orElse(Unknown.INSTANCE);
  }

  @Override
  public Verdict verify(String token) {
    return switch (verifier.verify(token, Plane.DATA)) {
      case dev.sandpool.server.identity.Verdict.Accepted accepted -> accepted(accepted);
      case dev.sandpool.server.identity.Verdict.Refused refused ->
          new Refused("Unauthenticated", refused.message());
    };
  }

  @Override
  public Verdict verify(String token, String from) {
    int wait = failed.take(from);
    if (wait > 0) {
      return new Later(wait);
    }
    Verdict verdict = verify(token);
    if (verdict instanceof Accepted) {
      failed.giveBack(from);
    }
    return verdict;
  }

  /** Roles are asked each time: a token is remembered for longer than they may be. */
  private Accepted accepted(dev.sandpool.server.identity.Verdict.Accepted accepted) {
    return new Accepted(
        accepted.principal().clientId(), accepted.caller(), roles.of(accepted.caller()));
  }
}
