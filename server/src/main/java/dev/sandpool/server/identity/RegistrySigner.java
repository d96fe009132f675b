package dev.sandpool.server.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.util.Base64;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.sandpool.server.certs.CertifiedKeys;
import dev.sandpool.server.secret.DataKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Signs what registries are shown. They know no key sets but certificates ({@code rootcertbundle}),
 * read once at their start: so there is a root that stays, and the key that signs changes below it,
 * as often as the authority's and with each start of the server. Nothing is made before the first
 * use.
 */
final class RegistrySigner {
  private static final String ROOT = "Sandpool registry tokens";
  private static final Duration OLDEST = Duration.ofDays(90);

  private final Path file;
  private final DataKey key;
  private final Duration age;
  private final InstantSource clock;
  private @Nullable CertifiedKeys keys;
  private @Nullable Current current;

  private record Current(CertifiedKeys.Certified certified, Instant made) {}

  /**
   * @param file of the root
   * @param age after which another key signs
   */
  RegistrySigner(Path file, DataKey key, Duration age, InstantSource clock) {
    this.file = file;
    this.key = key;
    this.age = age.compareTo(OLDEST) < 0 ? age : OLDEST;
    this.clock = clock;
  }

  /** What registries must trust: the root's certificate as text. Blocks. */
  synchronized String root() {
    return keys().root();
  }

  private CertifiedKeys keys() {
    CertifiedKeys known = keys;
    try {
      if (known == null) {
        known = CertifiedKeys.loadOrCreate(file, key, ROOT);
        keys = known;
      }
      return known;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private synchronized CertifiedKeys.Certified current() {
    Instant now = clock.instant();
    Current known = current;
    try {
      if (known == null || !now.isBefore(known.made().plus(age))) {
        // A day more than it is used for: clocks differ.
        int days = (int) age.toDays() + 2;
        known = new Current(keys().make(ROOT + " signing", days), now);
        current = known;
      }
      return known.certified();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A token with those claims, which brings the certificate of its key. Blocks. */
  String sign(JWTClaimsSet claims) {
    CertifiedKeys.Certified certified = current();
    if (!(certified.key() instanceof ECPrivateKey ec)) {
      throw new IllegalStateException("the key of registries' tokens is not an EC key");
    }
    try {
      JWSHeader header =
          new JWSHeader.Builder(JWSAlgorithm.ES256)
              .type(JOSEObjectType.JWT)
              .x509CertChain(List.of(Base64.encode(certified.certificate().getEncoded())))
              .build();
      SignedJWT token = new SignedJWT(header, claims);
      token.sign(new ECDSASigner(ec));
      return token.serialize();
    } catch (JOSEException | CertificateEncodingException e) {
      throw new IllegalStateException("a registry's token cannot be signed", e);
    }
  }
}
