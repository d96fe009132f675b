package dev.sandpool.server.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.sandpool.server.secret.DataKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets are told once, replaced without a gap, and end. */
class PrincipalsTest {
  private static final DataKey KEY = DataKey.of(new byte[32]);
  private static final Duration YEAR = Duration.ofDays(365);

  @TempDir private Path directory;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  private Principals open() throws Exception {
    return Principals.loadOrCreate(
        directory.resolve("principals.json"), KEY, () -> now, credentials -> {});
  }

  private static String secret(Principals.Made made) {
    return Objects.requireNonNull(made.secret());
  }

  @Test
  void aPrincipalLogsInWithItsSecretAlsoAfterARestart() throws Exception {
    Principals.Made made = open().create("app", null, YEAR);
    String client = made.principal().clientId();

    Principals after = open();

    assertThat(after.authenticate(client, secret(made)))
        .hasValueSatisfying(it -> assertThat(it.administrator()).isFalse());
    assertThat(after.authenticate(client, secret(made) + "x")).isEmpty();
    assertThat(Files.readString(directory.resolve("principals.json"))).doesNotContain(secret(made));
    assertThat(made.toString()).doesNotContain(secret(made));
  }

  @Test
  void aSecretIsReplacedWithoutAGap() throws Exception {
    Principals principals = open();
    Principals.Made first = principals.create("app", null, YEAR);
    String client = first.principal().clientId();
    Principals.Made second = principals.addCredential(client, null, YEAR, false).orElseThrow();
    assertThat(principals.authenticate(client, secret(first))).isPresent();
    assertThat(principals.authenticate(client, secret(second))).isPresent();

    String old = first.principal().credentials().getFirst().keyId();
    assertThat(principals.removeCredential(client, old)).isTrue();
    assertThat(principals.removeCredential(client, old)).isFalse();

    assertThat(principals.authenticate(client, secret(first))).isEmpty();
    assertThat(principals.authenticate(client, secret(second))).isPresent();
  }

  @Test
  void aResetTakesAllFormerOnes() throws Exception {
    Principals principals = open();
    Principals.Made first = principals.create("app", null, YEAR);
    String client = first.principal().clientId();
    Principals.Made second = principals.addCredential(client, null, YEAR, true).orElseThrow();

    assertThat(principals.authenticate(client, secret(first))).isEmpty();
    assertThat(principals.authenticate(client, secret(second))).isPresent();
  }

  @Test
  void aSecretEnds() throws Exception {
    Principals principals = open();
    Principals.Made made = principals.create("app", null, YEAR);
    String client = made.principal().clientId();
    now = now.plus(YEAR).minusSeconds(1);
    assertThat(principals.authenticate(client, secret(made))).isPresent();

    now = now.plusSeconds(1);

    assertThat(principals.authenticate(client, secret(made))).isEmpty();
  }

  @Test
  void aDeletedPrincipalIsNobody() throws Exception {
    Principals principals = open();
    Principals.Made made = principals.create("app", null, YEAR);
    assertThat(principals.delete(made.principal().objectId())).isTrue();

    assertThat(principals.authenticate(made.principal().clientId(), secret(made))).isEmpty();
    assertThat(open().find(made.principal().clientId())).isEmpty();
    assertThat(principals.delete(made.principal().objectId())).isFalse();
  }

  @Test
  void guessingIsNotMadeCheapByManySecrets() throws Exception {
    Principals principals = open();
    String client = principals.create("app", null, YEAR).principal().clientId();
    for (int i = 1; i < Principals.MOST_CREDENTIALS; i++) {
      principals.addCredential(client, null, YEAR, false);
    }

    assertThatIllegalStateException()
        .isThrownBy(() -> principals.addCredential(client, null, YEAR, false))
        .withMessageContaining("10 credentials");
  }

  @Test
  void aFileFromBeforeThereWereSeveralSecretsGoesOn() throws Exception {
    Principals principals = open();
    Principals.Made made = principals.create("app", null, YEAR);
    Path file = directory.resolve("principals.json");
    var stored = dev.sandpool.model.Json.MAPPER.readTree(Files.readString(file));
    for (var principal : stored.path("principals")) {
      var object = (tools.jackson.databind.node.ObjectNode) principal;
      var credential = object.path("credentials").path(0);
      object.set("salt", credential.path("salt"));
      object.set("hash", credential.path("hash"));
      object.remove("credentials");
    }
    Files.writeString(file, stored.toString());

    assertThat(open().authenticate(made.principal().clientId(), secret(made))).isPresent();
  }
}
