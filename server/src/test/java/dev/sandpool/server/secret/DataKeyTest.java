package dev.sandpool.server.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataKeyTest {
  private static final byte[] SECRET = "a secret".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path directory = Path.of("set by JUnit");

  private Path file() {
    return directory.resolve("data.key");
  }

  @Test
  void keyIsMadeOnceAndOwnersAlone() throws IOException {
    byte[] sealed = DataKey.loadOrCreate(file()).seal(SECRET);
    assertThat(DataKey.loadOrCreate(file()).open(sealed)).isEqualTo(SECRET);
    assertThat(Files.size(file())).isEqualTo(32);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
    assertThat(directory).isDirectoryContaining(path -> path.equals(file()));
    assertThat(directory.toFile().list()).hasSize(1);
  }

  @Test
  void leftoverOfAnInterruptedFirstStartIsNoKey() throws IOException {
    Files.write(directory.resolve("data.key.new"), new byte[3]);
    DataKey.loadOrCreate(file());
    assertThat(directory.toFile().list()).containsExactly("data.key");
  }

  @Test
  void shortenedKeyIsRefusedNotReplaced() throws IOException {
    DataKey.loadOrCreate(file());
    Files.write(file(), new byte[31]);
    assertThatThrownBy(() -> DataKey.loadOrCreate(file()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("31 bytes");
    assertThat(Files.size(file())).isEqualTo(31);
  }

  @Test
  void keyThatOthersMayReadIsRefused() throws IOException {
    DataKey.loadOrCreate(file());
    Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(() -> DataKey.loadOrCreate(file()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("rw-r-----");
  }

  @Test
  void sealingIsDifferentEachTimeAndHidesThePlainText() {
    DataKey key = DataKey.of(new byte[32]);
    byte[] first = key.seal(SECRET);
    assertThat(first).isNotEqualTo(key.seal(SECRET)).hasSize(12 + SECRET.length + 16);
    assertThat(new String(first, StandardCharsets.ISO_8859_1)).doesNotContain("secret");
    assertThat(key.open(key.seal(new byte[0]))).isEmpty();
  }

  @Test
  void changedCutOrForeignTextIsRefused() {
    DataKey key = DataKey.of(new byte[32]);
    byte[] sealed = key.seal(SECRET);
    byte[] other = new byte[32];
    other[31] = 1;
    assertThatThrownBy(() -> DataKey.of(other).open(sealed))
        .isInstanceOf(IllegalArgumentException.class);
    for (int i = 0; i < sealed.length; i++) {
      byte[] changed = sealed.clone();
      changed[i] ^= 1;
      assertThatThrownBy(() -> key.open(changed)).isInstanceOf(IllegalArgumentException.class);
      byte[] cut = java.util.Arrays.copyOf(sealed, i);
      assertThatThrownBy(() -> key.open(cut)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void hashesAreEqualOnlyForEqualInputAndKey() {
    DataKey key = DataKey.of(new byte[32]);
    byte[] other = new byte[32];
    other[0] = 1;
    assertThat(key.hash(SECRET)).hasSize(32).isEqualTo(DataKey.of(new byte[32]).hash(SECRET));
    assertThat(key.hash(SECRET)).isNotEqualTo(DataKey.of(other).hash(SECRET));
    assertThat(key.hash(SECRET)).isNotEqualTo(key.hash(new byte[0]));
  }
}
