package dev.sandpool.server.certs;

import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.secret.PrivateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;

/**
 * Keys with certificates of one root: who trusts the root once, trusts each later key. The root is
 * kept in a file, sealed by the data key; the keys below it are kept nowhere.
 */
public final class CertifiedKeys {
  private static final int YEARS_TEN = 3650;

  private final Path file;
  private final Keytool.Issued root;

  private CertifiedKeys(Path file, Keytool.Issued root) {
    this.file = file;
    this.root = root;
  }

  /** A key, and its certificate; {@link #toString} keeps the key. */
  public record Certified(PrivateKey key, X509Certificate certificate) {
    @Override
    public String toString() {
      return "Certified[" + certificate.getSubjectX500Principal() + "]";
    }
  }

  /**
   * Those of the root in that file, which is made if it is not there. Blocks for a second.
   *
   * @param name the root's, for people
   * @throws IOException also if the file was sealed with another data key
   */
  public static CertifiedKeys loadOrCreate(Path file, DataKey key, String name) throws IOException {
    try {
      if (!Files.exists(file)) {
        PrivateFile.write(
            file, key.seal(text(make(file, name)).getBytes(StandardCharsets.US_ASCII)));
      }
      String kept = new String(key.open(Files.readAllBytes(file)), StandardCharsets.US_ASCII);
      return new CertifiedKeys(file, Pem.issued(kept));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " cannot be opened with this data key", e);
    } catch (GeneralSecurityException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static Keytool.Issued make(Path file, String name)
      throws IOException, GeneralSecurityException {
    try (Keytool keytool = Keytool.in(beside(file))) {
      return keytool.make(
          name, YEARS_TEN, List.of("bc:c=ca:true,pathlen:0", "ku:c=keyCertSign,cRLSign"));
    }
  }

  private static Path beside(Path file) {
    return Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file is in a folder");
  }

  private static String text(Keytool.Issued issued) throws GeneralSecurityException {
    return Pem.of(issued.certificate()) + Pem.of(issued.key());
  }

  /** The root's certificate as text (RFC 7468). */
  public String root() {
    try {
      return Pem.of(root.certificate());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the root's certificate cannot be written", e);
    }
  }

  /** A fresh P-256 key with its certificate. Blocks for a second. */
  public Certified make(String name, int days) throws IOException {
    try (Keytool keytool = Keytool.in(beside(file))) {
      keytool.issuer(root);
      Keytool.Issued issued = keytool.make(name, days, List.of("ku:c=digitalSignature"));
      return new Certified(issued.key(), issued.certificate());
    } catch (GeneralSecurityException e) {
      throw new IOException("no certificate for " + name + ": " + e.getMessage(), e);
    }
  }
}
