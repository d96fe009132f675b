package dev.sandpool.server.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import java.time.Instant;
import java.util.Date;

/** An ES256 key of the built-in authority. */
public final class SigningKey {
  private final ECKey key;

  SigningKey(ECKey key) {
    this.key = key;
  }

  /** A fresh key, named by its thumbprint (RFC 7638). */
  static SigningKey generate(Instant now) {
    try {
      return new SigningKey(
          new ECKeyGenerator(Curve.P_256)
              .keyUse(KeyUse.SIGNATURE)
              .algorithm(JWSAlgorithm.ES256)
              .keyIDFromThumbprint(true)
              .issueTime(Date.from(now))
              .generate());
    } catch (JOSEException e) {
      throw new IllegalStateException("P-256 is missing from this JDK", e);
    }
  }

  String id() {
    return key.getKeyID();
  }

  /** When it was made; the epoch for one from before that was recorded. */
  Instant made() {
    Date made = key.getIssueTime();
    return made == null ? Instant.EPOCH : made.toInstant();
  }

  /** Both halves. */
  JWK jwk() {
    return key;
  }

  JWSSigner signer() throws JOSEException {
    return new ECDSASigner(key);
  }

  JWSVerifier verifier() {
    try {
      return new ECDSAVerifier(key.toPublicJWK());
    } catch (JOSEException e) {
      throw new IllegalStateException("P-256 is missing from this JDK", e);
    }
  }
}
