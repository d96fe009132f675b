package dev.sandpool.server.identity;

import dev.sandpool.server.role.Caller;
import java.time.Instant;

/** What is to be thought of a token. */
public sealed interface Verdict {
  /**
   * The token is good.
   *
   * @param until when it ceases to be, the accepted clock skew included
   * @param caller the principal as roles know it; lives as long as the token is remembered, and so
   *     does what it remembers
   */
  record Accepted(Principal principal, Instant until, Caller caller) implements Verdict {
    /** The principal's token. */
    public Accepted(Principal principal, Instant until) {
      this(principal, until, principal.caller());
    }
  }

  /**
   * The token is not good.
   *
   * @param message a sentence for the caller; holds nothing out of the token
   */
  record Refused(Reason reason, String message) implements Verdict {}

  /** Why a token is refused. */
  enum Reason {
    /** There is none. */
    MISSING,
    /** Larger than any real one. */
    OVERSIZED,
    /** Not a signed JWT, or without the claims that ours have. */
    MALFORMED,
    /** Another algorithm than ES256, whatever the header says. */
    ALGORITHM,
    /** Signed with a key that is not ours, or changed since. */
    SIGNATURE,
    /** From another authority. */
    ISSUER,
    /** For the other plane, or something else. */
    AUDIENCE,
    /** Too old. */
    EXPIRED,
    /** Too young. */
    NOT_YET_VALID,
    /** The principal is gone. */
    PRINCIPAL
  }
}
