package dev.sandpool.cli.rest;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Whose certificates of servers are believed: those of the machine's authorities, and of the ones
 * in the file that {@code SANDPOOL_CA} names.
 */
final class Trust {
  private static final String VARIABLE = "SANDPOOL_CA";

  private Trust() {}

  /** Null where the machine's authorities are enough. */
  static @Nullable SSLContext of(Shell shell) {
    String file = shell.environment().getOrDefault(VARIABLE, "");
    if (file.isEmpty()) {
      return null;
    }
    try {
      KeyStore authorities =
          KeyStore.getInstance(
              new File(System.getProperty("java.home"), "lib/security/cacerts"), (char[]) null);
      int number = 0;
      for (Certificate certificate : read(Path.of(file))) {
        authorities.setCertificateEntry("sandpool-" + number++, certificate);
      }
      if (number == 0) {
        throw new IOException("no certificate is in it");
      }
      var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(authorities);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      var failure =
          Failure.error(
              "InvalidCertificate",
              VARIABLE + " names " + file + ", which cannot be used: " + e.getMessage());
      failure.initCause(e);
      throw failure;
    }
  }

  private static Iterable<? extends Certificate> read(Path file)
      throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificates(in);
    }
  }
}
