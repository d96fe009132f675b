package dev.sandpool.server.certs;

import dev.sandpool.server.linux.Command;
import dev.sandpool.server.secret.PrivateFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The JDK's own maker of certificates, which works on a key store only: here on one in a private
 * folder that is removed at the end.
 */
final class Keytool implements AutoCloseable {
  private static final String ISSUER = "issuer";
  private static final String SUBJECT = "subject";

  private final Path folder;
  private final Path store;
  private final Path password;
  private final char[] secret;

  private Keytool(Path folder) throws IOException {
    this.folder = folder;
    this.store = folder.resolve("store.p12");
    this.password = folder.resolve("password");
    this.secret = new BigInteger(160, new SecureRandom()).toString(36).toCharArray();
    PrivateFile.write(password, new String(secret).getBytes(StandardCharsets.US_ASCII));
  }

  /** Works below that folder. */
  static Keytool in(Path parent) throws IOException {
    return new Keytool(Files.createTempDirectory(parent, ".certs"));
  }

  /** A certificate with its key. */
  record Issued(X509Certificate certificate, PrivateKey key) {}

  /** Puts there who signs what is made next. */
  void issuer(Issued authority) throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, secret);
    keys.setKeyEntry(
        ISSUER, authority.key(), secret, new X509Certificate[] {authority.certificate()});
    try (OutputStream out = Files.newOutputStream(store)) {
      keys.store(out, secret);
    }
  }

  /**
   * Makes a key and its certificate, signed by the issuer if there is one, else by itself.
   *
   * @param subject its name
   * @param extensions in keytool's words
   */
  Issued make(String subject, int days, List<String> extensions)
      throws IOException, GeneralSecurityException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                SUBJECT,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-sigalg",
                "SHA256withECDSA",
                "-dname",
                "CN=" + subject,
                "-validity",
                Integer.toString(days),
                // Clocks differ: what is made here is used elsewhere at once.
                "-startdate",
                "-1H",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass:file",
                password.toString()));
    if (Files.exists(store)) {
      command.addAll(List.of("-signer", ISSUER));
    }
    for (String extension : extensions) {
      command.addAll(List.of("-ext", extension));
    }
    Command.require(command, "");
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, secret);
    }
    if (keys.getCertificate(SUBJECT) instanceof X509Certificate certificate
        && keys.getKey(SUBJECT, secret) instanceof PrivateKey key) {
      return new Issued(certificate, key);
    }
    throw new IOException("keytool made no certificate for " + subject);
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
