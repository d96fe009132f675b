package dev.sandpool.server;

import dev.sandpool.server.identity.Challenges;
import dev.sandpool.server.identity.FailedTokens;
import dev.sandpool.server.identity.Identity;
import dev.sandpool.server.identity.Plane;
import dev.sandpool.server.identity.Verdict.Accepted;
import dev.sandpool.server.identity.Verdict.Refused;
import dev.sandpool.server.management.TokenCheck;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** The management plane's question about a token, put to identity. */
record ManagementTokens(Identity identity, FailedTokens failed, InstantSource clock)
    implements TokenCheck {
  @Override
  public Verdict verify(@Nullable String bearer) {
    if (bearer == null) {
      return refusal(Challenges.missing());
    }
    return switch (identity.verifier().verify(bearer, Plane.MANAGEMENT)) {
      case Accepted accepted -> principal(accepted);
      case Refused refused -> refusal(refused);
    };
  }

  @Override
  public Verdict verifyForLogs(@Nullable String bearer) {
    return bearer != null
            && identity.verifier().verify(bearer, Plane.LOGS) instanceof Accepted accepted
        ? principal(accepted)
        : verify(bearer);
  }

  @Override
  public Verdict verify(@Nullable String bearer, String from, boolean logs) {
    if (bearer == null || isKnown(bearer)) {
      return logs ? verifyForLogs(bearer) : verify(bearer);
    }
    int wait = failed.take(from);
    if (wait > 0) {
      return new Later(wait);
    }
    Verdict verdict = logs ? verifyForLogs(bearer) : verify(bearer);
    if (verdict instanceof Principal) {
      failed.giveBack(from);
    }
    return verdict;
  }

  private boolean isKnown(String bearer) {
    Instant now = clock.instant();
    return identity.verifier().known(bearer, Plane.MANAGEMENT, now).isPresent()
        || identity.verifier().known(bearer, Plane.LOGS, now).isPresent();
  }

  private static Principal principal(Accepted accepted) {
    return new Principal(accepted.principal().clientId(), accepted.caller());
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
