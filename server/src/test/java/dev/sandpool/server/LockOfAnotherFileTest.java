package dev.sandpool.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code sandpool reclaim} is root, and keeps a server out by a lock in the server's own folder:
 * what has been taken over may have made that lock a name of any file beside it.
 */
class LockOfAnotherFileTest {
  @TempDir private Path folder;
  private Path outside;
  private Path lock;

  @BeforeEach
  void write() throws IOException {
    outside = Files.writeString(folder.resolve("outside"), "kept by somebody else");
    lock = folder.resolve("lock");
  }

  @Test
  void whatHasOneMoreNameThereStaysAsItIs() throws IOException {
    Files.createLink(lock, outside);

    DirectoryLock.hold(lock).close();

    assertThat(outside).hasContent("kept by somebody else");
  }

  @Test
  void whatALinkPointsToStaysAsItIs() throws IOException {
    Files.createSymbolicLink(lock, outside);

    assertThatThrownBy(() -> DirectoryLock.hold(lock)).isInstanceOf(IOException.class);

    assertThat(outside).hasContent("kept by somebody else");
  }

  @Test
  void theServerIsKeptOutAllTheSame() throws IOException {
    DirectoryLock.take(lock).close();

    try (DirectoryLock held = DirectoryLock.hold(lock)) {
      assertThat(held).isNotNull();
      assertThatThrownBy(() -> DirectoryLock.take(lock))
          .isInstanceOf(DataDirectoryBusyException.class);
    }
    DirectoryLock.take(lock).close();
  }
}
