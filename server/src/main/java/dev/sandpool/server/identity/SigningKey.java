package dev.sandpool.server.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.secret.PrivateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;

/** The ES256 key of the built-in authority; on disk only sealed by the data key. */
public final class SigningKey {
  private final ECKey key;

  private SigningKey(ECKey key) {
    this.key = key;
  }

  /**
   * The key of that file, which is made if it is not there.
   *
   * @throws IOException also if the file was sealed with another data key
   */
  public static SigningKey loadOrCreate(Path file, DataKey dataKey) throws IOException {
    if (!Files.exists(file)) {
      byte[] plain = generate().key.toJSONString().getBytes(StandardCharsets.UTF_8);
      PrivateFile.write(file, dataKey.seal(plain));
    }
    try {
      byte[] plain = dataKey.open(Files.readAllBytes(file));
      return new SigningKey(ECKey.parse(new String(plain, StandardCharsets.UTF_8)));
    } catch (IllegalArgumentException | ParseException e) {
      throw new IOException("signing key " + file + " cannot be opened with this data key", e);
    }
  }

  /** A fresh key, named by its thumbprint (RFC 7638). */
  static SigningKey generate() {
    try {
      return new SigningKey(
          new ECKeyGenerator(Curve.P_256)
              .keyUse(KeyUse.SIGNATURE)
              .algorithm(JWSAlgorithm.ES256)
              .keyIDFromThumbprint(true)
              .generate());
    } catch (JOSEException e) {
      throw new IllegalStateException("P-256 is missing from this JDK", e);
    }
  }

  String id() {
    return key.getKeyID();
  }

  /** The public half as a JWK set (RFC 7517). */
  String publicKeys() {
    return new JWKSet(key).toString(true);
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
