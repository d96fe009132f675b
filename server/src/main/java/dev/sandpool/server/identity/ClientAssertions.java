package dev.sandpool.server.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks what clients sign in place of showing a secret (RFC 7523 section 3). The keys are those
 * that the principal has here; of the token's header nothing but the algorithm counts, and it must
 * fit the key. Each is good once.
 */
final class ClientAssertions {
  static final String WRONG = "the client assertion is not one of this client's for this authority";
  static final List<String> ALGORITHM_NAMES = List.of("RS256", "PS256", "ES256");

  private static final Set<JWSAlgorithm> RSA = Set.of(JWSAlgorithm.RS256, JWSAlgorithm.PS256);

  /** Libraries sign for ten minutes; what is good for longer was made to be kept. */
  private static final Duration LONGEST = Duration.ofHours(24);

  /** A client needs one for each token, so one an hour for each of its processes. */
  static final int MOST_IN_USE = 2000;

  private final Issuer issuer;
  private final TokenRules rules;
  private final InstantSource clock;
  private final UsedAssertions used;

  ClientAssertions(Issuer issuer, TokenRules rules, UsedAssertions used, InstantSource clock) {
    this.used = used;
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
          .filter(_ -> principals.keys(client).stream().anyMatch(key -> signed(jwt, key)))
          .filter(_ -> isFirstUse(client, jwt, claims));
    } catch (ParseException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /** Without an id of its own it is known by what was signed: a signature can be written anew. */
  private boolean isFirstUse(String client, SignedJWT jwt, JWTClaimsSet claims) {
    String id =
        Optional.ofNullable(claims.getJWTID())
            .map(given -> "jti:" + sha256(given.getBytes(StandardCharsets.UTF_8)))
            .orElseGet(() -> "input:" + sha256(jwt.getSigningInput()));
    Instant until = claims.getExpirationTime().toInstant().plus(rules.skew());
    return used.use(client.toLowerCase(Locale.ROOT), id, until, clock.instant());
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing from this JDK", e);
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
