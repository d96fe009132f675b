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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data directory belongs to one server, and a mistyped path is left alone. */
class DataDirectoryTest {
  @TempDir Path temporary;

  @BeforeEach
  void prepare() throws IOException {
    HostDirectory.open(temporary, me()).close();
  }

  private ServerUser me() throws IOException {
    int uid = (int) Files.getAttribute(temporary, "unix:uid");
    return uid == 0
        ? new ServerUser(59090, 59090)
        : new ServerUser(uid, (int) Files.getAttribute(temporary, "unix:gid"));
  }

  @Test
  void onlyTheOwnerGetsIn() throws IOException {
    try (DataDirectory directory = DataDirectory.open(temporary)) {
      assertThat(permissions(directory.own())).isEqualTo("rwx------");
      for (String file : new String[] {"lock", "data.key"}) {
        assertThat(permissions(directory.own().resolve(file))).as(file).isEqualTo("rw-------");
      }
      assertThat(permissions(temporary)).as("others pass and see nothing").isEqualTo("rwx--x--x");
    }
  }

  @Test
  void permissionsThatWereLoosenedAreTightened() throws IOException {
    InstanceId before = openAndClose();
    Path own = temporary.resolve("server");
    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(openAndClose()).isEqualTo(before);
    assertThat(permissions(own)).isEqualTo("rwx------");
  }

  @Test
  void aFolderThatNoEngineHasMadeIsLeftAsItIs() throws IOException {
    Path other = Files.createDirectory(temporary.resolve("server/other"));
    assertThatThrownBy(() -> DataDirectory.open(other))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("start the engine first");
    assertThat(other).isEmptyDirectory();
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
    assertThatThrownBy(() -> HostDirectory.open(other, me()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("was not made by Sandpool");
    assertThat(permissions(other)).isEqualTo("rwxr-xr-x");
    try (var entries = Files.list(other)) {
      assertThat(entries).hasSize(1);
    }
  }

  @Test
  void aFirstStartCutShortIsTakenUpAgain() throws IOException {
    Path fresh = Files.createDirectory(temporary.resolve("server/fresh"));
    Files.createFile(fresh.resolve("instance.new"));
    Files.createDirectory(fresh.resolve("engine"));
    try (HostDirectory first = HostDirectory.open(fresh, me());
        DataDirectory server = DataDirectory.open(fresh)) {
      assertThat(server.instance()).isEqualTo(first.instance());
    }
  }

  @Test
  void aSecondEngineIsRefusedByNameOfTheFirstsServer() throws IOException {
    try (HostDirectory first = HostDirectory.open(temporary, me());
        DataDirectory server = DataDirectory.open(temporary)) {
      server.announce("http://127.0.0.1:7070");
      assertThat(first.instance()).isEqualTo(server.instance());
      assertThatThrownBy(() -> HostDirectory.open(temporary, me()))
          .isInstanceOf(DataDirectoryBusyException.class)
          .hasMessageContaining("http://127.0.0.1:7070");
    }
  }

  @Test
  void aLostKeyIsNotReplacedBehindTheOperatorsBack() throws IOException {
    openAndClose();
    Files.createFile(temporary.resolve("server/ledger.db"));
    Files.delete(temporary.resolve("server/data.key"));
    assertThatThrownBy(this::openAndClose).hasMessageContaining("has lost its data.key");
    assertThat(temporary.resolve("server/data.key")).doesNotExist();
    Files.delete(temporary.resolve("server/ledger.db"));
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
