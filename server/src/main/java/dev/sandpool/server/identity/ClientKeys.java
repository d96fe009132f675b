package dev.sandpool.server.identity;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;

/**
 * The public key of a client's certificate, with which what it signs is checked. Who has signed the
 * certificate does not matter: it was handed in by somebody who may.
 */
public record ClientKeys(PublicKey key, Instant expires) {
  private static final int LEAST_RSA_BITS = 2048;
  private static final int LEAST_EC_BITS = 256;

  /**
   * That of a certificate.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  public static ClientKeys ofPem(String pem) {
    try {
      var certificate =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(
                      new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
      check(certificate.getPublicKey());
      return new ClientKeys(certificate.getPublicKey(), certificate.getNotAfter().toInstant());
    } catch (CertificateException e) {
      throw new IllegalArgumentException("it is not an X.509 certificate in PEM", e);
    }
  }

  private static void check(PublicKey key) {
    boolean strong =
        switch (key) {
          case RSAPublicKey rsa -> rsa.getModulus().bitLength() >= LEAST_RSA_BITS;
          case ECPublicKey ec -> ec.getParams().getOrder().bitLength() == LEAST_EC_BITS;
          default -> false;
        };
    if (!strong) {
      throw new IllegalArgumentException(
          "its key is neither RSA of at least 2048 bits nor on the curve P-256");
    }
  }

  String encoded() {
    return Base64.getEncoder().encodeToString(key.getEncoded());
  }

  static PublicKey decode(String encoded) {
    byte[] bytes = Base64.getDecoder().decode(encoded);
    for (String algorithm : new String[] {"RSA", "EC"}) {
      try {
        return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(bytes));
      } catch (GeneralSecurityException _) {
        // Then it is of the other kind.
      }
    }
    throw new IllegalStateException("a stored public key is of neither kind");
  }

  /** Whichever comes first: its end, or that. */
  Instant until(Instant other) {
    return expires.isBefore(other) ? expires : other;
  }
}
