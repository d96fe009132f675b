package dev.sandpool.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sandpool.model.InstanceId;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data directory belongs to one server, and a mistyped path is left alone. */
class DataDirectoryTest {
  @TempDir Path temporary;

  @Test
  void onlyTheOwnerGetsIn() throws IOException {
    Path root = temporary.resolve("a/b");
    try (DataDirectory directory = DataDirectory.open(root)) {
      for (Path path : new Path[] {root, directory.images(), directory.sandboxes()}) {
        assertThat(permissions(path)).isEqualTo("rwx------");
      }
      for (String file : new String[] {"lock", "instance", "data.key"}) {
        assertThat(permissions(root.resolve(file))).as(file).isEqualTo("rw-------");
      }
    }
  }

  @Test
  void permissionsThatWereLoosenedAreTightened() throws IOException {
    InstanceId before = openAndClose();
    Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(openAndClose()).isEqualTo(before);
    assertThat(permissions(temporary)).isEqualTo("rwx------");
  }

  @Test
  void instanceAndKeyStay() throws IOException {
    byte[] sealed;
    try (DataDirectory directory = DataDirectory.open(temporary)) {
      sealed = directory.key().seal(new byte[] {1, 2, 3});
    }
    try (DataDirectory directory = DataDirectory.open(temporary)) {
      assertThat(directory.key().open(sealed)).containsExactly(1, 2, 3);
    }
  }

  @Test
  void aSecondServerInTheSameProcessIsRefused() throws IOException {
    try (DataDirectory first = DataDirectory.open(temporary)) {
      first.announce("http://127.0.0.1:7070");
      assertThatThrownBy(() -> DataDirectory.open(temporary))
          .isInstanceOf(DataDirectoryBusyException.class)
          .hasMessageContaining("pid " + ProcessHandle.current().pid())
          .hasMessageContaining("http://127.0.0.1:7070");
    }
    assertThat(openAndClose()).isNotNull();
  }

  @Test
  void aSecondServerIsRefusedByNameOfTheFirstUntilThatOneIsDead() throws Exception {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                temporary.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader output = other.inputReader(StandardCharsets.UTF_8)) {
      assertThat(output.readLine()).isEqualTo("held");
      assertThatThrownBy(() -> DataDirectory.open(temporary))
          .isInstanceOf(DataDirectoryBusyException.class)
          .hasMessageContaining("pid " + other.pid() + ", http://127.0.0.1:4711");
    } finally {
      other.destroyForcibly();
      assertThat(other.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(openAndClose()).as("a killed server leaves no lock").isNotNull();
  }

  @Test
  void aDirectoryOfSomethingElseIsLeftAsItIs() throws IOException {
    Path other = Files.createDirectory(temporary.resolve("photos"));
    Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(other.resolve("cat.jpg"), "meow");
    assertThatThrownBy(() -> DataDirectory.open(other))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("was not made by Sandpool");
    assertThat(permissions(other)).isEqualTo("rwxr-xr-x");
    try (var entries = Files.list(other)) {
      assertThat(entries).hasSize(1);
    }
  }

  @Test
  void aFirstStartCutShortIsTakenUpAgain() throws IOException {
    Files.createFile(temporary.resolve("lock"));
    Files.createFile(temporary.resolve("instance.new"));
    assertThat(openAndClose()).isEqualTo(openAndClose());
  }

  @Test
  void aLostKeyIsNotReplacedBehindTheOperatorsBack() throws IOException {
    openAndClose();
    Files.createFile(temporary.resolve("ledger.db"));
    Files.delete(temporary.resolve("data.key"));
    assertThatThrownBy(this::openAndClose).hasMessageContaining("has lost its data.key");
    assertThat(temporary.resolve("data.key")).doesNotExist();
    Files.delete(temporary.resolve("ledger.db"));
    assertThat(openAndClose()).as("the refusal frees the lock").isNotNull();
  }

  @Test
  void aDamagedInstanceIdIsNamed() throws IOException {
    openAndClose();
    Files.writeString(temporary.resolve("instance"), "../x");
    assertThatThrownBy(this::openAndClose)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("instance");
  }

  private InstanceId openAndClose() throws IOException {
    try (DataDirectory directory = DataDirectory.open(temporary)) {
      return directory.instance();
    }
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  /** The main class of the other process: holds the directory until it is killed. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws IOException {
      try (DataDirectory directory = DataDirectory.open(Path.of(arguments[0]))) {
        directory.announce("http://127.0.0.1:4711");
        System.out.println("held");
        if (System.in.read() >= 0) {
          throw new IllegalStateException("nobody writes to this process");
        }
      }
    }
  }
}
