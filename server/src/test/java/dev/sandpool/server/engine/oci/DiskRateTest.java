package dev.sandpool.server.engine.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Version 2 of the cgroups, which has its controllers only where the groups above pass them on. */
class DiskRateTest {
  @TempDir Path top = Path.of("/nonexistent");

  @BeforeEach
  void groups() throws IOException {
    Files.writeString(top.resolve("cgroup.controllers"), "cpu io memory pids");
    Files.writeString(top.resolve("cgroup.subtree_control"), "cpu memory pids");
    Files.createDirectories(top.resolve("spabcd/n/box"));
    Files.writeString(top.resolve("spabcd/cgroup.subtree_control"), "cpu memory pids");
  }

  private DiskRate rate() throws IOException {
    var mount = new Mounts.Mount(top, "cgroup2", List.of("rw"));
    return DiskRate.open(Cgroups.of(List.of(mount), "spabcd", false), OptionalLong.of(1 << 20));
  }

  @Test
  void theGroupsAboveAreAskedToPassTheControllerOn() throws Exception {
    Path file = Files.createFile(top.resolve("spabcd/n/io.max"));

    rate().bound("n", "7:3", 1 << 20);

    assertThat(file).hasContent("7:3 rbps=1048576 wbps=1048576");
    assertThat(top.resolve("cgroup.subtree_control")).hasContent("+io");
    assertThat(top.resolve("spabcd/cgroup.subtree_control")).hasContent("+io");
  }

  @Test
  void aHostThatDoesNotPassItOnStartsSandboxesAllTheSame() throws Exception {
    rate().bound("n", "7:3", 1 << 20);

    assertThat(top.resolve("spabcd/n/io.max")).doesNotExist();
  }

  @Test
  void aFolderThatIsNoDiskOfASandboxKeepsTheHostsDiskOutOfIt() throws Exception {
    Path file = Files.createFile(top.resolve("spabcd/n/io.max"));

    rate().release("n", top);

    assertThat(file).isEmptyFile();
  }
}
