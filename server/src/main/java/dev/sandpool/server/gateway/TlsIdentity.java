package dev.sandpool.server.gateway;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;

/**
 * A certificate chain and its key as they were read from two PEM files, known to fit each other and
 * to be valid now.
 */
public final class TlsIdentity {
  private static final Set<String> VERSIONS = Set.of("TLSv1.3", "TLSv1.2");

  /** Those with forward secrecy and authenticated encryption; all of TLS 1.3 have both. */
  private static final List<String> CIPHERS =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  private final byte[] chain;
  private final byte[] key;
  private final X509Certificate leaf;

  private TlsIdentity(byte[] chain, byte[] key, X509Certificate leaf) {
    this.chain = chain;
    this.key = key;
    this.leaf = leaf;
  }

  /**
   * Reads and checks both files; blocks.
   *
   * @param certificate the server's certificate, then those between it and the authority's
   * @param key PKCS #8, or a plain RSA or EC key; not encrypted
   * @throws IOException naming the file and what is wrong with it
   */
  public static TlsIdentity read(Vertx vertx, Path certificate, Path key, Instant now)
      throws IOException {
    byte[] chainBytes = bytes(certificate);
    byte[] keyBytes = bytes(key);
    X509Certificate leaf = leaf(certificate, chainBytes);
    if (now.isAfter(leaf.getNotAfter().toInstant())) {
      throw new IOException(certificate + ": expired at " + leaf.getNotAfter().toInstant());
    }
    if (now.isBefore(leaf.getNotBefore().toInstant())) {
      throw new IOException(certificate + ": not valid before " + leaf.getNotBefore().toInstant());
    }
    var identity = new TlsIdentity(chainBytes, keyBytes, leaf);
    PrivateKey privateKey = identity.privateKey(vertx, key);
    if (!fit(leaf, privateKey)) {
      throw new IOException(key + ": is not the key of the certificate in " + certificate);
    }
    return identity;
  }

  private static byte[] bytes(Path file) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new IOException(file + ": no such file", e);
    } catch (IOException e) {
      throw new IOException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static X509Certificate leaf(Path file, byte[] chain) throws IOException {
    try {
      Collection<? extends Certificate> all =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(chain));
      if (all.iterator().hasNext() && all.iterator().next() instanceof X509Certificate first) {
        return first;
      }
    } catch (GeneralSecurityException e) {
      throw new IOException(file + ": holds no PEM certificate: " + e.getMessage(), e);
    }
    throw new IOException(file + ": holds no PEM certificate");
  }

  private PrivateKey privateKey(Vertx vertx, Path file) throws IOException {
    try {
      for (KeyManager manager : options().getKeyManagerFactory(vertx).getKeyManagers()) {
        if (manager instanceof X509KeyManager keys) {
          String[] aliases = keys.getServerAliases(leaf.getPublicKey().getAlgorithm(), null);
          if (aliases != null && aliases.length > 0) {
            return keys.getPrivateKey(aliases[0]);
          }
        }
      }
    } catch (Exception e) {
      throw new IOException(file + ": holds no private key in PEM: " + e.getMessage(), e);
    }
    throw new IOException(file + ": is no key for " + leaf.getPublicKey().getAlgorithm());
  }

  /** What the key signs the certificate must verify. */
  private static boolean fit(X509Certificate leaf, PrivateKey key) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          default -> key.getAlgorithm();
        };
    try {
      byte[] text = {1, 2, 3};
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(text);
      byte[] signed = signature.sign();
      signature.initVerify(leaf.getPublicKey());
      signature.update(text);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** Makes a listener speak TLS in its current versions, with this certificate. */
  public HttpServerOptions secure(HttpServerOptions listener) {
    CIPHERS.forEach(listener::addEnabledCipherSuite);
    return listener
        .setSsl(true)
        .setUseAlpn(true)
        .setSslEngineOptions(TlsEngine.best())
        .setEnabledSecureTransportProtocols(VERSIONS)
        .setKeyCertOptions(options());
  }

  private PemKeyCertOptions options() {
    return new PemKeyCertOptions()
        .addCertValue(Buffer.buffer(chain))
        .addKeyValue(Buffer.buffer(key));
  }

  /** When it ceases to be valid. */
  public Instant expiresAt() {
    return leaf.getNotAfter().toInstant();
  }

  /** Whether both files held the same octets. */
  public boolean isSameAs(TlsIdentity other) {
    return Arrays.equals(chain, other.chain) && Arrays.equals(key, other.key);
  }

  /** The name and the end of the certificate; nothing of the key. */
  @Override
  public String toString() {
    return leaf.getSubjectX500Principal().getName() + ", valid until " + expiresAt();
  }
}
