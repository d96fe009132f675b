package dev.sandpool.server.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks what clients sign in place of showing a secret (RFC 7523 section 3). The keys are those
 * that the principal has here; of the token's header nothing but the algorithm counts, and it must
 * fit the key.
 */
final class ClientAssertions {
  static final String WRONG = "the client assertion is not one of this client's for this authority";
  static final List<String> ALGORITHM_NAMES = List.of("RS256", "PS256", "ES256");

  private static final Set<JWSAlgorithm> RSA = Set.of(JWSAlgorithm.RS256, JWSAlgorithm.PS256);

  /** Libraries sign for ten minutes; what is good for longer was made to be kept. */
  private static final Duration LONGEST = Duration.ofHours(24);

  private final Issuer issuer;
  private final TokenRules rules;
  private final InstantSource clock;

  ClientAssertions(Issuer issuer, TokenRules rules, InstantSource clock) {
    this.issuer = issuer;
    this.rules = rules;
    this.clock = clock;
  }

  /** Who has signed that, if somebody has who may. */
  Optional<Principal> subject(OAuthForm.Assertion assertion, Principals principals) {
    try {
      SignedJWT jwt = SignedJWT.parse(assertion.token());
      JWTClaimsSet claims = jwt.getJWTClaimsSet();
      @Nullable String client = claims.getSubject();
      if (client == null
          || !client.equals(claims.getIssuer())
          || assertion.clientId().filter(id -> !id.equalsIgnoreCase(client)).isPresent()
          || !current(claims)) {
        return Optional.empty();
      }
      return principals
          .byClientId(client)
          .filter(_ -> principals.keys(client).stream().anyMatch(key -> signed(jwt, key)));
    } catch (ParseException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private boolean current(JWTClaimsSet claims) {
    Instant now = clock.instant();
    @Nullable Date expiry = claims.getExpirationTime();
    @Nullable Date start = claims.getNotBeforeTime();
    boolean forUs =
        claims.getAudience().size() == 1
            && (claims.getAudience().getFirst().equalsIgnoreCase(issuer.tokenEndpoint())
                || claims.getAudience().getFirst().equalsIgnoreCase(issuer.name()));
    return forUs
        && expiry != null
        && now.isBefore(expiry.toInstant().plus(rules.skew()))
        && expiry.toInstant().isBefore(now.plus(LONGEST))
        && (start == null || !now.plus(rules.skew()).isBefore(start.toInstant()));
  }

  private static boolean signed(SignedJWT jwt, PublicKey key) {
    try {
      @Nullable JWSVerifier verifier = verifier(jwt.getHeader().getAlgorithm(), key);
      return verifier != null && jwt.verify(verifier);
    } catch (JOSEException _) {
      return false;
    }
  }

  private static @Nullable JWSVerifier verifier(JWSAlgorithm algorithm, PublicKey key)
      throws JOSEException {
    if (key instanceof RSAPublicKey rsa && RSA.contains(algorithm)) {
      return new RSASSAVerifier(rsa);
    }
    if (key instanceof ECPublicKey ec && JWSAlgorithm.ES256.equals(algorithm)) {
      return new ECDSAVerifier(ec);
    }
    return null;
  }
}
