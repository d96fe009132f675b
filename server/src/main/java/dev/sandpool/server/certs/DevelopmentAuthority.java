package dev.sandpool.server.certs;

import dev.sandpool.server.secret.PrivateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An authority for development: a key and a certificate in a folder, made at first use, that signs
 * certificates of servers. Whoever has its key can pretend to be any server to those who trust it.
 */
public final class DevelopmentAuthority {
  private static final String NAME = "Sandpool development authority";
  private static final int YEARS_TEN = 3650;

  private final Path folder;
  private final Instant now;

  /**
   * @param folder made if it is not there
   */
  public DevelopmentAuthority(Path folder, Instant now) {
    this.folder = folder;
    this.now = now;
  }

  /** What those who are to trust it need. */
  public Path certificate() {
    return folder.resolve("ca.crt");
  }

  private Path key() {
    return folder.resolve("ca.key");
  }

  /** The file of the last server's certificate. */
  public Path serverCertificate() {
    return folder.resolve("server.crt");
  }

  /** The file of its key. */
  public Path serverKey() {
    return folder.resolve("server.key");
  }

  /**
   * Makes a certificate and a key for a server, in the place of the last; a server that uses those
   * files takes up the new ones by itself.
   *
   * @param names at least one
   * @param days how long it is good
   * @return whether the authority was made as well, and has to be trusted
   * @throws IOException naming the file that is wrong
   */
  public boolean issue(List<CertificateName> names, int days) throws IOException {
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    try {
      boolean first = isMissing();
      Keytool.Issued authority = first ? make() : read();
      String alternatives =
          names.stream()
              .map(CertificateName::extension)
              .collect(Collectors.joining(",", "san=", ""));
      try (Keytool keytool = Keytool.in(folder)) {
        keytool.issuer(authority);
        Keytool.Issued server =
            keytool.make(
                names.getFirst().text(),
                days,
                List.of(alternatives, "ku:c=digitalSignature", "eku=serverAuth"));
        keep(serverCertificate(), serverKey(), server);
      }
      return first;
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException(folder + ": " + e.getMessage(), e);
    }
  }

  /** Half of it is nothing to go on with, and must not be overwritten unasked. */
  private boolean isMissing() throws IOException {
    boolean certificateThere = Files.exists(certificate());
    boolean keyThere = Files.exists(key());
    if (certificateThere != keyThere) {
      Path there = certificateThere ? certificate() : key();
      Path lost = certificateThere ? key() : certificate();
      throw new IOException(
          lost + " is missing though " + there + " is there: bring it back, or remove that too");
    }
    return !keyThere;
  }

  private Keytool.Issued make() throws IOException, GeneralSecurityException {
    try (Keytool keytool = Keytool.in(folder)) {
      Keytool.Issued authority =
          keytool.make(
              NAME, YEARS_TEN, List.of("bc:c=ca:true,pathlen:0", "ku:c=keyCertSign,cRLSign"));
      keep(certificate(), key(), authority);
      return authority;
    }
  }

  private Keytool.Issued read() throws IOException, GeneralSecurityException {
    X509Certificate certificate = Pem.certificate(certificate());
    if (now.isAfter(certificate.getNotAfter().toInstant())) {
      throw new IOException(
          "%s: expired at %s; remove it and %s to make another"
              .formatted(certificate(), certificate.getNotAfter().toInstant(), key()));
    }
    return new Keytool.Issued(certificate, Pem.key(key()));
  }

  private static void keep(Path certificate, Path key, Keytool.Issued issued)
      throws IOException, GeneralSecurityException {
    PrivateFile.write(key, Pem.of(issued.key()).getBytes(StandardCharsets.US_ASCII));
    Path fresh = certificate.resolveSibling(certificate.getFileName() + ".new");
    Files.writeString(fresh, Pem.of(issued.certificate()), StandardCharsets.US_ASCII);
    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-r--r--"));
    Files.move(
        fresh, certificate, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
