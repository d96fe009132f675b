package dev.sandpool.server.identity;

import dev.sandpool.model.ArmError;
import dev.sandpool.server.identity.Verdict.Reason;
import dev.sandpool.server.identity.Verdict.Refused;

/** How callers are told that they are not known: 401 with where to log in. */
public final class Challenges {
  private final Issuer issuer;

  public Challenges(Issuer issuer) {
    this.issuer = issuer;
  }

  /** What is to be thought of a request without a token. */
  public static Refused missing() {
    return new Refused(Reason.MISSING, "the request has no 'Authorization: Bearer TOKEN' header");
  }

  /**
   * The value of {@code WWW-Authenticate}. An error is named only where there was a token (RFC 6750
   * section 3.1).
   */
  public String header(Refused refused, Plane plane) {
    String challenge =
        "Bearer authorization_uri=\""
            + issuer.authority()
            + "\", resource_id=\""
            + plane.audience()
            + "\"";
    return refused.reason() == Reason.MISSING
        ? challenge
        : challenge + ", error=\"invalid_token\", error_description=\"" + refused.message() + "\"";
  }

  /** The body of a 401. */
  public ArmError unauthenticated(Refused refused, Plane plane) {
    return new ArmError(
        "Unauthenticated",
        "Authentication failed: "
            + refused.message()
            + ". A token for the audience "
            + plane.audience()
            + " is needed, from "
            + issuer.authority()
            + ".");
  }
}
