package dev.sandpool.server.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.sandpool.server.identity.Verdict.Accepted;
import dev.sandpool.server.identity.Verdict.Reason;
import dev.sandpool.server.identity.Verdict.Refused;
import java.text.ParseException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a bearer token opens a plane (RFC 7519, with the advice of RFC 8725). The
 * algorithm and the key are ours, or those of an issuer in the configuration: of a token's header
 * only the key's id is looked at, and the algorithm only to refuse another.
 */
public final class TokenVerifier {
  /** Accepted on both planes as administrator, by a server that was started with {@code --dev}. */
  public static final String DEVELOPMENT_TOKEN = "sandpool-dev-token";

  private static final int MAXIMUM_LENGTH = 16 * 1024;
  private static final int MAXIMUM_KNOWN = 16_384;

  private final Issuer issuer;
  private final SigningKeys keys;
  private final Principals principals;
  private final TokenRules rules;
  private final InstantSource clock;
  private final List<ExternalIssuer> others;
  private final Accepted developer;
  private final KnownTokens known = new KnownTokens(MAXIMUM_KNOWN);

  TokenVerifier(
      Issuer issuer,
      SigningKeys keys,
      Principals principals,
      TokenRules rules,
      InstantSource clock) {
    this.issuer = issuer;
    this.keys = keys;
    this.principals = principals;
    this.rules = rules;
    this.clock = clock;
    this.others =
        rules.issuers().stream()
            .map(it -> new ExternalIssuer(it, IssuerKeys.of(it, IssuerKeys.USUAL), rules.skew()))
            .toList();
    String nobody = "00000000-0000-0000-0000-000000000000";
    this.developer =
        new Accepted(new Principal(issuer.tenant(), nobody, nobody, true), Instant.MAX);
  }

  /**
   * The verdict on a token that was verified before and is still good, else nothing. Neither blocks
   * nor computes, so the event loop may ask; after nothing, {@link #verify} is for a virtual
   * thread.
   */
  public Optional<Accepted> known(String token, Plane plane, Instant now) {
    return Optional.ofNullable(
        isDevelopment(token) ? developer : this.known.get(token, plane, now));
  }

  /** Has every token verified anew: somebody may not come in any more. */
  public void forget() {
    known.clear();
  }

  /** The verdict on a token, the part after {@code Bearer}. */
  public Verdict verify(String token, Plane plane) {
    Instant now = clock.instant();
    Optional<Accepted> before = known(token, plane, now);
    if (before.isPresent()) {
      return before.get();
    }
    if (token.length() > MAXIMUM_LENGTH) {
      return new Refused(Reason.OVERSIZED, "the token is larger than 16 KiB");
    }
    long generation = known.generation();
    try {
      SignedJWT jwt = SignedJWT.parse(token);
      Verdict verdict = verify(jwt, plane, now);
      if (verdict instanceof Accepted accepted) {
        known.put(token, plane, accepted, now, generation);
      }
      return verdict;
    } catch (ParseException | IllegalArgumentException _) {
      return malformed();
    }
  }

  /** By the rules of who the token says it is from: whose keys are asked is all that it decides. */
  private Verdict verify(SignedJWT jwt, Plane plane, Instant now) throws ParseException {
    @Nullable String from = jwt.getJWTClaimsSet().getIssuer();
    Optional<ExternalIssuer> other = others.stream().filter(it -> it.says(from)).findFirst();
    if (other.isPresent()) {
      return other.get().verify(jwt, plane, now);
    }
    @Nullable Refused refused = signature(jwt);
    return refused == null ? claims(jwt.getJWTClaimsSet(), plane, now) : refused;
  }

  private boolean isDevelopment(String token) {
    return rules.dev() && token.equals(DEVELOPMENT_TOKEN);
  }

  private @Nullable Refused signature(SignedJWT jwt) {
    JWSHeader header = jwt.getHeader();
    if (!JWSAlgorithm.ES256.equals(header.getAlgorithm())) {
      return new Refused(Reason.ALGORITHM, "the token is not signed with ES256");
    }
    if (!JOSEObjectType.JWT.equals(header.getType())) {
      return malformed();
    }
    try {
      Optional<SigningKey> key = keys.find(header.getKeyID());
      if (key.isPresent() && jwt.verify(key.get().verifier())) {
        return null;
      }
    } catch (JOSEException _) {
      // A signature that cannot be computed is as wrong as one that does not match.
    }
    return new Refused(Reason.SIGNATURE, "the token was not signed by this server's authority");
  }

  private Verdict claims(JWTClaimsSet claims, Plane plane, Instant now) throws ParseException {
    if (!issuer.name().equals(claims.getIssuer())) {
      return new Refused(Reason.ISSUER, "the token is from another authority");
    }
    // Exactly one: a token for both planes would open the other's door as well.
    List<String> audience = claims.getAudience();
    if (audience.size() != 1 || plane.canonical(audience.getFirst()).isEmpty()) {
      return new Refused(Reason.AUDIENCE, "the token's audience is not " + plane.audience());
    }
    @Nullable Date expiry = claims.getExpirationTime();
    @Nullable Date start = claims.getNotBeforeTime();
    if (expiry == null || start == null) {
      return malformed();
    }
    Instant until = expiry.toInstant().plus(rules.skew());
    if (!now.isBefore(until)) {
      return new Refused(Reason.EXPIRED, "the token has expired");
    }
    if (now.plus(rules.skew()).isBefore(start.toInstant())) {
      return new Refused(Reason.NOT_YET_VALID, "the token is not valid yet");
    }
    return principal(claims, until);
  }

  private Verdict principal(JWTClaimsSet claims, Instant until) throws ParseException {
    @Nullable String clientId = claims.getStringClaim("appid");
    if (clientId == null) {
      return malformed();
    }
    return principals
        .byClientId(clientId)
        .<Verdict>map(principal -> new Accepted(principal, until))
        .orElseGet(() -> new Refused(Reason.PRINCIPAL, "the token's principal does not exist"));
  }

  private static Refused malformed() {
    return new Refused(Reason.MALFORMED, "the token is not a signed JWT of this authority");
  }
}
