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

class CgroupsTest {
  @TempDir Path root = Path.of("/nonexistent");

  private Mounts.Mount mount(String folder, String type, String... options) throws IOException {
    return new Mounts.Mount(Files.createDirectories(root.resolve(folder)), type, List.of(options));
  }

  @Test
  void theMonitorIsHeldToATenthOfACoreOnVersionTwo() throws Exception {
    Cgroups cgroups = Cgroups.of(List.of(mount("", "cgroup2", "rw")), "spabcd", true);

    cgroups.adoptMonitor("spabcdaaaabbbb", 4321);

    Path leaf = root.resolve("spabcd/spabcdaaaabbbb/mon");
    assertThat(leaf.resolve("cpu.max")).hasContent("10000 100000");
    assertThat(leaf.resolve("cgroup.procs")).hasContent("4321");
    assertThat(cgroups.unified()).isTrue();
    assertThat(cgroups.pathOf("spabcdaaaabbbb")).isEqualTo("/spabcd/spabcdaaaabbbb/box");
    assertThat(cgroups.names()).containsExactly("spabcdaaaabbbb");
  }

  @Test
  void aServiceManagerDoesNotKillTheMonitorOnVersionOne() throws Exception {
    List<Mounts.Mount> mounts =
        List.of(
            mount("cpu", "cgroup", "rw", "cpu"),
            mount("memory", "cgroup", "rw", "memory"),
            mount("systemd", "cgroup", "rw", "name=systemd"),
            mount("unified", "cgroup2", "rw"));

    Cgroups.of(mounts, "spabcd", true).adoptMonitor("spabcdaaaabbbb", 4321);
    assertThat(root.resolve("systemd/spabcd/spabcdaaaabbbb/mon/cgroup.procs")).hasContent("4321");

    Cgroups.of(mounts, "spabcd", false).adoptMonitor("spabcdccccdddd", 4321);
    assertThat(root.resolve("systemd/spabcd/spabcdccccdddd")).doesNotExist();
    assertThat(root.resolve("cpu/spabcd/spabcdccccdddd/mon/cgroup.procs")).hasContent("4321");
    assertThat(root.resolve("memory/spabcd")).doesNotExist();
  }

  @Test
  void outOfMemoryIsReadFromEitherVersion() throws Exception {
    Cgroups cgroups = Cgroups.of(List.of(mount("", "cgroup2", "rw")), "spabcd", false);
    Path box = Files.createDirectories(root.resolve("spabcd/n/box"));
    Files.writeString(box.resolve("memory.events"), "oom 3\noom_kill 0\n");
    assertThat(cgroups.outOfMemory("n")).isFalse();
    Files.writeString(box.resolve("memory.events"), "oom 3\noom_kill 1\n");
    assertThat(cgroups.outOfMemory("n")).isTrue();
  }

  @Test
  void aHostWithoutCgroupsIsNamed() {
    assertThatThrownBy(() -> Cgroups.of(List.of(), "spabcd", false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cgroups");
  }

  @Test
  void nothingOfASandboxIsLeftWhateverLiesBesideItsUsualTwoGroups() throws Exception {
    Cgroups cgroups =
        Cgroups.of(
            List.of(mount("a", "cgroup2", "rw"), mount("b", "cgroup", "rw", "cpu")), "sp", false);
    for (String group : List.of("box/below/deeper", "mon", "other.scope", "third")) {
      Files.createDirectories(root.resolve("a/sp/n").resolve(group));
    }
    Files.createDirectories(root.resolve("b/sp/n/unusual"));
    Files.createDirectories(root.resolve("b/sp/m/box"));

    cgroups.remove("n");

    assertThat(root.resolve("a/sp/n")).doesNotExist();
    assertThat(root.resolve("b/sp/n")).doesNotExist();
    assertThat(cgroups.names()).containsExactly("m");
  }
}
