package dev.sandpool.server.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.sandpool.server.config.IssuerSettings;
import dev.sandpool.server.identity.Verdict.Accepted;
import dev.sandpool.server.identity.Verdict.Reason;
import dev.sandpool.server.identity.Verdict.Refused;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Somebody else whose tokens are accepted: Entra, Keycloak, a Kubernetes cluster. Which algorithms
 * and audiences are good is said by configuration, and never by a token; its keys come from it
 * alone.
 */
final class ExternalIssuer {
  private static final Logger log = LoggerFactory.getLogger(ExternalIssuer.class);

  /** RFC 9068 has tokens say what they are; Kubernetes says nothing. */
  private static final Set<JOSEObjectType> TYPES =
      Set.of(JOSEObjectType.JWT, new JOSEObjectType("at+jwt"));

  /** After that a token is verified again: its key may have been withdrawn. */
  private static final Duration LONGEST_REMEMBERED = Duration.ofHours(1);

  private static final int MOST_GROUPS = 1000;

  /** With that name: a set with thousands would make each token as dear. */
  private static final int MOST_KEYS = 4;

  private final IssuerSettings settings;
  private final JWKSource<SecurityContext> keys;
  private final Set<JWSAlgorithm> algorithms;
  private final Duration skew;
  private final ForeignIds ids;

  ExternalIssuer(IssuerSettings settings, JWKSource<SecurityContext> keys, Duration skew) {
    this.settings = settings;
    this.keys = keys;
    this.skew = skew;
    this.algorithms =
        settings.algorithms().stream().map(JWSAlgorithm::parse).collect(Collectors.toSet());
    this.ids = new ForeignIds(settings.issuer().toString(), settings.rawIds());
  }

  /** Whether a token says that it is from here; a slash at the end makes no difference. */
  boolean says(@Nullable String issuer) {
    String name = settings.issuer().toString();
    return issuer != null && (issuer.equals(name) || issuer.equals(name + "/"));
  }

  /** The verdict on one of its tokens. May wait for its keys. */
  Verdict verify(SignedJWT jwt, Plane plane, Instant now) throws ParseException {
    Optional<Refused> refused = signature(jwt);
    return refused.isPresent() ? refused.get() : claims(jwt.getJWTClaimsSet(), plane, now);
  }

  private Optional<Refused> signature(SignedJWT jwt) {
    JWSHeader header = jwt.getHeader();
    if (!algorithms.contains(header.getAlgorithm())) {
      return refusal(
          Reason.ALGORITHM,
          "the token is not signed with one of " + String.join(", ", settings.algorithms()));
    }
    boolean form =
        header.getKeyID() != null
            && header.getCriticalParams() == null
            && (header.getType() == null || TYPES.contains(header.getType()));
    if (!form) {
      return refusal(Reason.MALFORMED, "the token is not a signed JWT that names its key");
    }
    try {
      return isSigned(jwt)
          ? Optional.empty()
          : refusal(Reason.SIGNATURE, "the token was not signed by its issuer");
    } catch (KeySourceException e) {
      log.warn("keys of {}: {}", settings.issuer(), e.getMessage());
      return refusal(Reason.SIGNATURE, "the key of the token is not known");
    } catch (JOSEException e) {
      return refusal(Reason.SIGNATURE, "the token was not signed by its issuer");
    }
  }

  private boolean isSigned(SignedJWT jwt) throws JOSEException {
    JWKMatcher ofHeader = Objects.requireNonNull(JWKMatcher.forJWSHeader(jwt.getHeader()));
    List<JWK> found = keys.get(new JWKSelector(ofHeader), null);
    for (JWK key : found.subList(0, Math.min(found.size(), MOST_KEYS))) {
      if (key instanceof AsymmetricJWK pair) {
        JWSVerifier verifier =
            new DefaultJWSVerifierFactory().createJWSVerifier(jwt.getHeader(), pair.toPublicKey());
        if (jwt.verify(verifier)) {
          return true;
        }
      }
    }
    return false;
  }

  private Verdict claims(JWTClaimsSet claims, Plane plane, Instant now) throws ParseException {
    List<String> own = audiences(plane);
    List<String> others = audiences(plane == Plane.DATA ? Plane.MANAGEMENT : Plane.DATA);
    List<String> given = claims.getAudience();
    if (given.stream().noneMatch(own::contains) || given.stream().anyMatch(others::contains)) {
      return new Refused(
          Reason.AUDIENCE, "the token's audience is not one of " + String.join(", ", own));
    }
    Optional<String> tenant = settings.tenant();
    if (tenant.isPresent() && !tenant.get().equals(claims.getStringClaim("tid"))) {
      return new Refused(Reason.ISSUER, "the token is of another tenant");
    }
    @Nullable Date expiry = claims.getExpirationTime();
    if (expiry == null) {
      return new Refused(Reason.MALFORMED, "the token never expires");
    }
    Instant until = expiry.toInstant().plus(skew);
    if (!now.isBefore(until)) {
      return new Refused(Reason.EXPIRED, "the token has expired");
    }
    @Nullable Date start = claims.getNotBeforeTime();
    if (start != null && now.plus(skew).isBefore(start.toInstant())) {
      return new Refused(Reason.NOT_YET_VALID, "the token is not valid yet");
    }
    Instant again = now.plus(LONGEST_REMEMBERED);
    return principal(claims, until.isBefore(again) ? until : again);
  }

  private List<String> audiences(Plane plane) {
    return plane == Plane.DATA ? settings.dataAudiences() : settings.managementAudiences();
  }

  private Verdict principal(JWTClaimsSet claims, Instant until) throws ParseException {
    @Nullable String who = claims.getStringClaim(settings.principalClaim());
    if (who == null || who.isBlank()) {
      return new Refused(
          Reason.MALFORMED, "the token has no claim '" + settings.principalClaim() + "'");
    }
    @Nullable List<String> groups = claims.getStringListClaim(settings.groupsClaim());
    if (groups != null && groups.size() > MOST_GROUPS) {
      return new Refused(Reason.MALFORMED, "the token has more than " + MOST_GROUPS + " groups");
    }
    Set<String> groupIds =
        groups == null
            ? Set.of()
            : groups.stream().map(ids::ofGroup).collect(Collectors.toUnmodifiableSet());
    String id = ids.ofPrincipal(who);
    String tenant = settings.tenant().orElse(settings.issuer().toString());
    return new Accepted(new Principal(tenant, id, id, false, groupIds), until);
  }

  private static Optional<Refused> refusal(Reason reason, String message) {
    return Optional.of(new Refused(reason, message));
  }
}
