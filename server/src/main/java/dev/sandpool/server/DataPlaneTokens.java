package dev.sandpool.server;

import dev.sandpool.server.gateway.TokenCheck;
import dev.sandpool.server.identity.Plane;
import dev.sandpool.server.identity.TokenVerifier;
import java.time.InstantSource;

/** The data plane's question about a token, put to identity. */
record DataPlaneTokens(TokenVerifier verifier, InstantSource clock) implements TokenCheck {
  @Override
  public Verdict known(String token) {
    return verifier
        .known(token, Plane.DATA, clock.instant())
        .<Verdict>map(accepted -> new Accepted(accepted.principal().clientId()))
        .orElse(Unknown.INSTANCE);
  }

  @Override
  public Verdict verify(String token) {
    return switch (verifier.verify(token, Plane.DATA)) {
      case dev.sandpool.server.identity.Verdict.Accepted accepted ->
          new Accepted(accepted.principal().clientId());
      case dev.sandpool.server.identity.Verdict.Refused refused ->
          new Refused("Unauthenticated", refused.message());
    };
  }
}
