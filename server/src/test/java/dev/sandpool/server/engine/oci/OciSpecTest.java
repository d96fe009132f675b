package dev.sandpool.server.engine.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The specification is the sandbox's wall for runc, and half of it for gVisor. */
class OciSpecTest {
  private static JsonNode spec(long uid, boolean sharesKernel) {
    var process =
        new OciSpec.GuestProcess(
            List.of("/app", "x"),
            Map.of("B", "2", "A", "1"),
            "/work",
            new ImageUser(uid, 5, List.of(7L), "/"));
    var limits = new OciSpec.Limits(0.5, 64 << 20, 128, 1024, true);
    var host =
        new OciSpec.Host(
            "name",
            "/run/netns/n",
            "/spabcd/n/box",
            sharesKernel ? Optional.of(Json.MAPPER.createObjectNode()) : Optional.empty());
    return Json.MAPPER.readTree(new OciSpec(process, limits, host, "/r", false).json());
  }

  @Test
  void nobodyGainsPrivilegesAndOnlyRootHasAny() {
    JsonNode root = spec(0, true).path("process");
    assertThat(root.path("noNewPrivileges").asBoolean()).isTrue();
    assertThat(root.at("/capabilities/effective").toString())
        .isEqualTo(
            "[\"CAP_CHOWN\",\"CAP_DAC_OVERRIDE\",\"CAP_FOWNER\",\"CAP_FSETID\",\"CAP_KILL\","
                + "\"CAP_NET_BIND_SERVICE\",\"CAP_SETGID\",\"CAP_SETUID\",\"CAP_SYS_CHROOT\"]");
    assertThat(root.at("/capabilities/bounding")).isEqualTo(root.at("/capabilities/effective"));
    assertThat(root.at("/capabilities/inheritable").isMissingNode()).isTrue();

    JsonNode user = spec(1000, true).path("process");
    assertThat(user.at("/capabilities/effective")).isEmpty();
    assertThat(user.at("/capabilities/permitted")).isEmpty();
    assertThat(user.at("/user/uid").asLong()).isEqualTo(1000);
    assertThat(user.at("/user/additionalGids").toString()).isEqualTo("[7]");
  }

  @Test
  void everyBoundIsSet() {
    JsonNode resources = spec(0, true).at("/linux/resources");
    assertThat(resources.toString())
        .isEqualTo(
            "{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}],"
                + "\"memory\":{\"limit\":67108864,\"swap\":67108864},"
                + "\"cpu\":{\"quota\":25000,\"period\":50000},\"pids\":{\"limit\":128}}");
  }

  @Test
  void allNamespacesAreItsOwnAndTheNetworkIsTheSlots() {
    JsonNode linux = spec(0, true).path("linux");
    assertThat(linux.path("namespaces").toString())
        .contains("pid", "ipc", "uts", "mount", "cgroup")
        .contains("{\"type\":\"network\",\"path\":\"/run/netns/n\"}");
    assertThat(linux.path("maskedPaths").toString()).contains("/proc/kcore", "/sys/firmware");
    assertThat(linux.has("seccomp")).isTrue();
    assertThat(spec(0, false).path("linux").has("seccomp")).isFalse();
  }

  @Test
  void whatTellsOfTheHostOrChangesItIsHiddenOrReadOnly() {
    JsonNode linux = spec(0, true).path("linux");
    assertThat(texts(linux.path("maskedPaths")))
        .containsExactlyInAnyOrder(
            "/proc/acpi",
            "/proc/asound",
            "/proc/interrupts",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/sys/devices/virtual/powercap",
            "/sys/firmware");
    assertThat(texts(linux.path("readonlyPaths")))
        .containsExactlyInAnyOrder(
            "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");
    for (JsonNode mount : spec(0, true).path("mounts")) {
      boolean sys = mount.path("destination").asString().equals("/sys");
      assertThat(texts(mount.path("options")).contains("ro")).isEqualTo(sys);
      boolean programs = mount.path("destination").asString().equals("/dev");
      assertThat(texts(mount.path("options")).contains("noexec")).isNotEqualTo(programs);
    }
  }

  private static List<String> texts(JsonNode list) {
    return list.valueStream().map(JsonNode::asString).toList();
  }

  @Test
  void nothingOfTheHostIsMountedInside() {
    for (JsonNode mount : spec(0, true).path("mounts")) {
      assertThat(mount.path("type").asString()).isNotEqualTo("bind");
      assertThat(mount.path("source").asString()).doesNotStartWith("/");
      assertThat(mount.path("options").toString()).contains("nosuid");
      boolean devices = mount.path("destination").asString().matches("/dev(/pts)?");
      assertThat(mount.path("options").toString().contains("nodev")).isNotEqualTo(devices);
    }
    assertThat(spec(0, true).at("/process/env").toString()).isEqualTo("[\"A=1\",\"B=2\"]");
  }
}
