package dev.sandpool.server.certs;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/** Certificates and EC keys as text (RFC 7468). */
final class Pem {
  private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

  private Pem() {}

  static String of(Certificate certificate) throws GeneralSecurityException {
    return framed("CERTIFICATE", certificate.getEncoded());
  }

  static String of(Key key) {
    return framed("PRIVATE KEY", key.getEncoded());
  }

  private static String framed(String what, byte[] bytes) {
    String text = LINES.encodeToString(bytes);
    return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
  }

  static X509Certificate certificate(Path file) throws IOException, GeneralSecurityException {
    return certificate(Files.readAllBytes(file), file.toString());
  }

  private static X509Certificate certificate(byte[] text, String where)
      throws IOException, GeneralSecurityException {
    Certificate read =
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(text));
    if (read instanceof X509Certificate certificate) {
      return certificate;
    }
    throw new IOException(where + ": holds no X.509 certificate");
  }

  static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
    return key(Files.readString(file, StandardCharsets.US_ASCII));
  }

  private static PrivateKey key(String text) throws GeneralSecurityException {
    byte[] bytes = Base64.getMimeDecoder().decode(text.replaceAll("-----[A-Z ]+-----", ""));
    return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(bytes));
  }

  /** A certificate, and behind it its key. */
  static Keytool.Issued issued(String text) throws IOException, GeneralSecurityException {
    int key = text.indexOf("-----BEGIN PRIVATE KEY-----");
    if (key < 0) {
      throw new IOException("there is no private key behind the certificate");
    }
    byte[] certificate = text.substring(0, key).getBytes(StandardCharsets.US_ASCII);
    return new Keytool.Issued(certificate(certificate, "the text"), key(text.substring(key)));
  }
}
