package dev.sandpool.server;

import dev.sandpool.server.identity.Challenges;
import dev.sandpool.server.identity.Identity;
import dev.sandpool.server.identity.Plane;
import dev.sandpool.server.identity.Verdict.Accepted;
import dev.sandpool.server.identity.Verdict.Refused;
import dev.sandpool.server.management.TokenCheck;
import org.jspecify.annotations.Nullable;

/** The management plane's question about a token, put to identity. */
record ManagementTokens(Identity identity) implements TokenCheck {
  @Override
  public Verdict verify(@Nullable String bearer) {
    if (bearer == null) {
      return refusal(Challenges.missing());
    }
    return switch (identity.verifier().verify(bearer, Plane.MANAGEMENT)) {
      case Accepted accepted -> new Principal(accepted.principal().clientId(), accepted.caller());
      case Refused refused -> refusal(refused);
    };
  }

  private Refusal refusal(Refused refused) {
    Challenges challenges = identity.challenges();
    return new Refusal(
        401,
        "Unauthenticated",
        challenges.unauthenticated(refused, Plane.MANAGEMENT).message(),
        challenges.header(refused, Plane.MANAGEMENT));
  }
}
