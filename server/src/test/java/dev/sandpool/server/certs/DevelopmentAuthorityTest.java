package dev.sandpool.server.certs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An authority that is lost, readable or made anew unasked takes the trust of clients with it. */
class DevelopmentAuthorityTest {
  @TempDir private Path parent;

  private DevelopmentAuthority authority(Instant now) {
    return new DevelopmentAuthority(parent.resolve("made/certs"), now);
  }

  private static List<CertificateName> names(String... names) {
    return Stream.of(names).map(CertificateName::parse).toList();
  }

  @Test
  void isMadeOnceAndSignsForTheGivenNames() throws Exception {
    DevelopmentAuthority authority = authority(Instant.now());
    List<CertificateName> names =
        names("sandboxes.test", "*.env.sandboxes.test", "127.0.0.1", "::1");

    assertThat(authority.issue(names, 30)).as("made").isTrue();
    PublicKey key = Pem.certificate(authority.certificate()).getPublicKey();
    X509Certificate first = Pem.certificate(authority.serverCertificate());
    assertThat(authority.issue(names, 30)).as("made again").isFalse();
    X509Certificate second = Pem.certificate(authority.serverCertificate());

    first.verify(key);
    second.verify(key);
    assertThat(second.getSerialNumber()).isNotEqualTo(first.getSerialNumber());
    assertThat(second.getSubjectAlternativeNames().stream().map(name -> name.get(1).toString()))
        .containsExactly("sandboxes.test", "*.env.sandboxes.test", "127.0.0.1", "0:0:0:0:0:0:0:1");
    assertThat(second.getBasicConstraints()).as("may sign nothing").isEqualTo(-1);
    assertThat(Pem.certificate(authority.certificate()).getBasicConstraints()).isZero();
    assertThat(second.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(second.getNotAfter().toInstant())
        .isBetween(
            Instant.now().plus(Duration.ofDays(29)), Instant.now().plus(Duration.ofDays(30)));
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(Pem.key(authority.serverKey()));
    signature.update((byte) 7);
    byte[] signed = signature.sign();
    signature.initVerify(second.getPublicKey());
    signature.update((byte) 7);
    assertThat(signature.verify(signed)).as("the key fits").isTrue();
  }

  @Test
  void keysAreReadByTheirOwnerAloneAndNothingElseRemains() throws Exception {
    authority(Instant.now()).issue(names("localhost"), 1);

    Path folder = parent.resolve("made/certs");
    for (String key : List.of("ca.key", "server.key")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(key))))
          .as(key)
          .isEqualTo("rw-------");
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("ca.crt", "ca.key", "server.crt", "server.key");
    }
  }

  @Test
  void halfAnAuthorityIsNotReplaced() throws Exception {
    DevelopmentAuthority authority = authority(Instant.now());
    authority.issue(names("localhost"), 1);
    Files.delete(parent.resolve("made/certs/ca.key"));

    assertThatThrownBy(() -> authority.issue(names("localhost"), 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ca.key is missing though");
  }

  @Test
  void expiredAuthoritySaysWhatToDo() throws Exception {
    authority(Instant.now()).issue(names("localhost"), 1);

    assertThatThrownBy(
            () -> authority(Instant.now().plus(Duration.ofDays(3651))).issue(names("localhost"), 1))
        .hasMessageContaining("ca.crt: expired at")
        .hasMessageContaining("to make another");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a,ip:1.2.3.4", "a b", "*", "**.a", "a.*.b", "-a", "a=b", "a/b", "é"})
  void whatIsNoNameIsRefused(String name) {
    assertThatThrownBy(() -> CertificateName.parse(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is no host name");
  }
}
