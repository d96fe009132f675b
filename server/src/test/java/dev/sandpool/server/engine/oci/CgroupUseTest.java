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

/** The two versions count in different files and units. */
class CgroupUseTest {
  private static final String NAME = "spabcdaaaabbbb";

  @TempDir private Path root = Path.of("set by JUnit");

  private CgroupUse use(Mounts.Mount... mounts) throws IOException {
    return new CgroupUse(Cgroups.of(List.of(mounts), "spabcd", false));
  }

  private Mounts.Mount mount(String folder, String type, String... options) throws IOException {
    return new Mounts.Mount(Files.createDirectories(root.resolve(folder)), type, List.of(options));
  }

  private void write(String controller, String file, String text) throws IOException {
    Path box = root.resolve(controller).resolve("spabcd").resolve(NAME).resolve("box");
    Files.writeString(Files.createDirectories(box).resolve(file), text);
  }

  @Test
  void versionTwoCountsMicroseconds() throws IOException {
    CgroupUse use = use(mount("", "cgroup2", "rw"));
    write("", "cpu.stat", "usage_usec 1500\nuser_usec 1000\nsystem_usec 500\n");
    write("", "memory.current", "1048576\n");
    assertThat(use.cpuNanos(NAME)).hasValue(1_500_000);
    assertThat(use.memoryBytes(NAME)).hasValue(1 << 20);
  }

  @Test
  void versionOneCountsNanosecondsInHierarchiesOfTheirOwn() throws IOException {
    CgroupUse use =
        use(
            mount("cpu", "cgroup", "rw", "cpu"),
            mount("acct", "cgroup", "rw", "cpuacct"),
            mount("memory", "cgroup", "rw", "memory"));
    write("acct", "cpuacct.usage", "1500000\n");
    write("memory", "memory.usage_in_bytes", "1048576\n");
    assertThat(use.cpuNanos(NAME)).hasValue(1_500_000);
    assertThat(use.memoryBytes(NAME)).hasValue(1 << 20);
  }

  @Test
  void aSandboxThatIsGoneHasNothing() throws IOException {
    CgroupUse use = use(mount("", "cgroup2", "rw"));
    assertThat(use.cpuNanos(NAME)).isEmpty();
    assertThat(use.memoryBytes(NAME)).isEmpty();
  }

  @Test
  void whatCannotBeReadIsToldAndNotTakenForNothing() throws IOException {
    CgroupUse use = use(mount("", "cgroup2", "rw"));
    write("", "cpu.stat", "user_usec 1000\n");
    assertThatThrownBy(() -> use.cpuNanos(NAME)).hasMessageContaining("usage_usec");
    assertThatThrownBy(() -> use.memoryBytes(NAME)).isInstanceOf(IOException.class);
  }
}
