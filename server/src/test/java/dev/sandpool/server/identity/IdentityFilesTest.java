package dev.sandpool.server.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sandpool.server.secret.DataKey;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What identity leaves on disk: readable by the owner alone, secrets in admin.json alone. */
class IdentityFilesTest {
  private static final DataKey KEY = DataKey.of(new byte[32]);

  @TempDir Path directory;
  private Identity.Places places =
      new Identity.Places(Path.of(""), Path.of(""), Path.of(""), Path.of(""));

  @BeforeEach
  void place() {
    places =
        new Identity.Places(
            directory.resolve("signing.key"),
            directory.resolve("principals.json"),
            directory.resolve("admin.json"),
            directory.resolve("registry.key"));
  }

  @Test
  void onlyTheOwnerReadsThemAndOnlyOneHoldsTheSecret() throws IOException {
    open(KEY).announce("http://127.0.0.1:1", Optional.empty());
    String secret = admin().clientSecret();
    assertThat(secret).hasSizeGreaterThan(40);
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
            .as(file.toString())
            .isEqualTo("rw-------");
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertThat(text.contains(secret))
            .as(file.toString())
            .isEqualTo(file.endsWith("admin.json"));
        assertThat(text).as("a private key in the clear").doesNotContain("\"d\"");
      }
    }
    assertThat(admin().toString()).doesNotContain(secret);
  }

  @Test
  void theAdministratorLogsInAfterARestartAndTheOldTokenStillHolds() throws IOException {
    Identity first = open(KEY);
    String token = token(first);
    Identity second = open(KEY);
    assertThat(token(second)).isNotEmpty();
    assertThat(second.verifier().verify(token, Plane.DATA)).isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void theEndpointFollowsThePortAndTheRestStays() throws IOException {
    open(KEY).announce("http://127.0.0.1:1", Optional.of("http://127.0.0.1:1"));
    AdminContext before = admin();
    assertThat(before.managementEndpoint()).isNull();
    open(KEY).announce("http://127.0.0.1:2", Optional.of("http://127.0.0.1:3"));
    assertThat(admin())
        .isEqualTo(before.at("http://127.0.0.1:2", Optional.of("http://127.0.0.1:3")));
    assertThat(admin().managementEndpoint()).isEqualTo("http://127.0.0.1:3");
    assertThat(admin().subscription()).hasSize(36);
  }

  @Test
  void anAdminFileThatWasTakenAwayDoesNotComeBack() throws IOException {
    open(KEY);
    Files.delete(places.admin());
    open(KEY).announce("http://127.0.0.1:1", Optional.empty());
    assertThat(places.admin()).doesNotExist();
  }

  @Test
  void aFirstStartCutShortLeavesNoAdministratorWithoutSecret() throws IOException {
    assertThatThrownBy(
            () ->
                Principals.loadOrCreate(
                    places.principals(),
                    KEY,
                    Instant::now,
                    _ -> {
                      throw new IOException("disk full");
                    }))
        .hasMessage("disk full");
    assertThat(places.principals()).doesNotExist();
    assertThat(token(open(KEY))).isNotEmpty();
  }

  @Test
  void anotherDataKeyIsNoticedAtOnce() throws IOException {
    open(KEY);
    byte[] other = new byte[32];
    other[0] = 1;
    assertThatThrownBy(() -> open(DataKey.of(other)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("signing.key cannot be opened with this data key");
  }

  @Test
  void aDamagedAdminFileIsNamedWithoutItsContent() throws IOException {
    Identity identity = open(KEY);
    Files.writeString(places.admin(), "{\"clientSecret\": \"hush\" oops");
    assertThatThrownBy(() -> identity.announce("http://127.0.0.1:1", Optional.empty()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("admin.json")
        .hasNoCause()
        .message()
        .doesNotContain("hush");
  }

  @Test
  void damagedPrincipalsAreNamed() throws IOException {
    open(KEY);
    Files.writeString(places.principals(), "{}");
    assertThatThrownBy(() -> open(KEY)).hasMessageContaining("principals.json is not a file of");
  }

  private AdminContext admin() throws IOException {
    return AdminContext.read(places.admin()).orElseThrow();
  }

  private Identity open(DataKey key) throws IOException {
    return Identity.open(
        places,
        key,
        new TokenRules(Duration.ofHours(1), Duration.ofDays(90), Duration.ofSeconds(60), false),
        () -> URI.create("http://127.0.0.1:1"),
        InstantSource.system());
  }

  private String token(Identity identity) throws IOException {
    AdminContext admin = admin();
    var form =
        Map.of(
            "grant_type", List.of("client_credentials"),
            "client_id", List.of(admin.clientId()),
            "client_secret", List.of(admin.clientSecret()),
            "resource", List.of(Plane.DATA.audience()));
    var response =
        identity.authority().token(new TokenRequest(admin.tenant(), form, Optional.empty()));
    return ((TokenResponse.Issued) response).token();
  }
}
