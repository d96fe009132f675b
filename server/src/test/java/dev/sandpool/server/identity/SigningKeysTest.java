package dev.sandpool.server.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWKSet;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.secret.PrivateFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys change, and no token that is still good becomes worthless by it. */
class SigningKeysTest {
  private static final Duration AGE = Duration.ofDays(90);
  private static final DataKey KEY = DataKey.of(new byte[32]);

  @TempDir private Path directory;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  private SigningKeys open() throws Exception {
    return SigningKeys.loadOrCreate(directory.resolve("signing.key"), KEY, AGE, () -> now);
  }

  @Test
  void aKeySignsUntilItIsTooOld() throws Exception {
    SigningKeys keys = open();
    String first = keys.current().id();
    now = now.plus(AGE).minusSeconds(1);
    assertThat(keys.current().id()).isEqualTo(first);

    now = now.plusSeconds(1);

    assertThat(keys.current().id()).isNotEqualTo(first);
    assertThat(open().current().id()).as("after a restart").isEqualTo(keys.current().id());
  }

  @Test
  void aFormerKeyIsHonouredUntilItsLastTokenHasEndedAndNoLonger() throws Exception {
    SigningKeys keys = open();
    String first = keys.current().id();
    keys.rotate();
    assertThat(keys.find(first)).isPresent();
    assertThat(JWKSet.parse(keys.publicKeys()).getKeyByKeyId(first)).isNotNull();

    now = now.plus(Duration.ofDays(1));
    assertThat(keys.find(first)).isPresent();
    now = now.plus(Duration.ofMinutes(6));

    assertThat(keys.find(first)).isEmpty();
    keys.rotate();
    assertThat(JWKSet.parse(keys.publicKeys()).getKeyByKeyId(first)).isNull();
    assertThat(JWKSet.parse(keys.publicKeys()).getKeys()).hasSize(2);
  }

  @Test
  void noPrivateHalfIsEverPublished() throws Exception {
    SigningKeys keys = open();
    keys.rotate();

    assertThat(JWKSet.parse(keys.publicKeys()).getKeys()).hasSize(2).noneMatch(k -> k.isPrivate());
    assertThat(keys.publicKeys()).doesNotContain("\"d\"");
  }

  @Test
  void aFileFromBeforeThereWereSeveralGoesOn() throws Exception {
    SigningKey old = SigningKey.generate(now);
    byte[] plain = old.jwk().toJSONString().getBytes(StandardCharsets.UTF_8);
    PrivateFile.write(directory.resolve("signing.key"), KEY.seal(plain));

    SigningKeys keys = open();

    assertThat(keys.find(old.id())).isPresent();
    assertThat(keys.current().id()).isEqualTo(old.id());
  }

  @Test
  void onDiskThereIsNothingToRead() throws Exception {
    open().rotate();

    assertThat(Files.readString(directory.resolve("signing.key"), StandardCharsets.ISO_8859_1))
        .doesNotContain("keys", "\"d\"", "kty");
  }
}
