package dev.sandpool.server.engine.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sandpool.server.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder in which something of the host is still mounted, as a trial's that does not die. */
class FolderRemovalTest {
  @TempDir private Path work;

  private static Mounts.Mount mount(Path target) {
    return new Mounts.Mount(target, "ext4", List.of("rw"));
  }

  @Test
  void nothingOfItIsRemovedWhileAnythingIsMountedInIt() throws IOException {
    Path real = work.toRealPath();
    Path root = Files.createDirectories(work.resolve("trial/sandboxes/spabcdaaaaaaaa/rootfs"));
    Path passwords = Files.writeString(root.resolve("passwd"), "the host's");
    Path folder = work.resolve("trial");
    List<Mounts.Mount> mounts =
        List.of(mount(Path.of("/")), mount(real.resolve(work.relativize(root))));

    assertThatThrownBy(() -> FolderRemoval.remove(folder, mounts))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("rootfs is mounted");
    assertThat(passwords).exists();
  }

  @Test
  void aMountBesideItOrAroundItKeepsNothing() throws IOException {
    Path folder = Files.createDirectories(work.resolve("one"));
    Files.writeString(folder.resolve("file"), "x");
    Path real = work.toRealPath();

    FolderRemoval.remove(folder, List.of(mount(real), mount(real.resolve("one-more"))));

    assertThat(folder).doesNotExist();
    FolderRemoval.remove(folder);
  }
}
