package dev.sandpool.server.export;

import static dev.sandpool.server.export.LogsFixture.PATIENCE;
import static dev.sandpool.server.export.LogsFixture.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sandpool.server.gateway.TestCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows go to receivers whose certificates are trusted, and to no others. */
class ReceiverTrustTest {
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir private Path folder;

  private SSLContext tls() throws Exception {
    TestCertificate.write(folder, "collector");
    String pem = Files.readString(folder.resolve("key.pem")).replaceAll("-----[A-Z ]+-----", "");
    var key =
        KeyFactory.getInstance("EC")
            .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem)));
    Certificate certificate;
    try (InputStream in = Files.newInputStream(folder.resolve("cert.pem"))) {
      certificate = CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
    KeyStore keys = KeyStore.getInstance(KeyStore.getDefaultType());
    keys.load(null, null);
    keys.setKeyEntry("a", key, PASSWORD, new Certificate[] {certificate});
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private static LogExporter exporter(LogsFixture logs, FakeReceiver to, Optional<Path> authority)
      throws IOException {
    var settings = new ReceiverSettings(to.url(), Map.of(), Optional.empty(), authority);
    return logs.exporter("otlp-logs", settings, Otlp.LOGS.path(), Otlp.LOGS, PATIENCE);
  }

  @Test
  void aReceiverOfAGivenAuthorityGetsWhatAStrangerDoesNot() throws Exception {
    var logs = new LogsFixture(folder);
    logs.number(0);
    try (var receiver = new FakeReceiver(tls())) {
      try (LogExporter stranger = exporter(logs, receiver, Optional.empty())) {
        assertThat(stranger).isNotNull();
        await()
            .atMost(PATIENCE)
            .until(
                () -> logs.shown("sandpool_export_failures_total{exporter=\"otlp-logs\"}"),
                failures -> Double.parseDouble(failures) >= 2);
      }
      assertThat(receiver.seen()).isEmpty();
      try (LogExporter known = exporter(logs, receiver, Optional.of(folder.resolve("cert.pem")))) {
        assertThat(known).isNotNull();
        await().atMost(PATIENCE).until(() -> !receiver.taken().isEmpty());
      }
      assertThat(numbers(receiver)).containsExactly(0);
    }
  }

  @Test
  void authoritiesThatCannotBeReadAreToldAtTheStart() throws Exception {
    Path none = Files.writeString(folder.resolve("none.pem"), "no certificate");
    var logs = new LogsFixture(folder);
    try (var receiver = new FakeReceiver()) {
      assertThatThrownBy(() -> exporter(logs, receiver, Optional.of(none)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("none.pem");
    }
  }
}
