package dev.sandpool.server.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.linux.Tool;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelAndToolsTest {
  @ParameterizedTest
  @CsvSource({
    "6.1.0-28-cloud-amd64, ok",
    "6.18.44, ok",
    "10.0, ok",
    "5.19.17, warning",
    "5.10.0-21-amd64, warning",
    "gVisor, unknown",
  })
  void aKernelOlderThanTriedIsNamed(String release, String state) {
    Finding finding = KernelCheck.judge(release);
    assertThat(finding.state()).isEqualTo(state);
    assertThat(finding.found()).contains(release);
  }

  @Test
  void oneMissingFeatureDoesNotHideTheOthers() {
    List<Finding> findings =
        FeaturesCheck.judge(
            """
            namespaces\tok
            user-namespaces\tunshare: unshare failed: Operation not permitted
            overlayfs\tok
            veth\tunshare: unshare failed: No space left on device
            nftables-inet\tok
            nftables-fib\tError: Could not process rule: No such file or directory
            nftables-conntrack\tunshare: failed to execute nft: No such file or directory
            """);
    assertThat(findings)
        .extracting(finding -> finding.subject() + " " + finding.state())
        .containsExactly(
            "namespaces ok",
            "user-namespaces failed",
            "overlayfs ok",
            "veth unknown",
            "nftables-inet ok",
            "nftables-fib failed",
            "nftables-conntrack unknown",
            "nftables-nat unknown");
    assertThat(findings.get(5).advice().orElseThrow().remedy()).contains("nft_fib_inet");
  }

  @Test
  void aControllerThatIsMissingIsNamed() {
    var facts = new CgroupsCheck.Facts(true, Set.of("cpu", "pids", "io"), List.of());
    assertThat(CgroupsCheck.judge(facts))
        .extracting(Finding::state)
        .containsExactly("failed", "ok", "ok");
    assertThat(CgroupsCheck.judge(facts).getFirst().found()).contains("version 2 without memory");
  }

  @Test
  void aReadOnlyHierarchyIsNamed() {
    var facts =
        new CgroupsCheck.Facts(
            false, Set.of("cpu", "memory", "pids"), List.of("/sys/fs/cgroup/pids: Read-only"));
    assertThat(CgroupsCheck.judge(facts))
        .extracting(Finding::state)
        .containsExactly("ok", "warning", "failed");
    assertThat(CgroupsCheck.judge(facts).get(1).advice().orElseThrow().consequence())
        .contains("engine.diskRate");
  }

  /** A start would believe what it found when they were mounted for writing. */
  @Test
  void hierarchiesThatAreReadOnlySinceAreTriedOutAnew() {
    String pids = "31 25 0:27 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids";
    String root = "21 1 254:0 / / rw,relatime - ext4 /dev/vda rw";
    String now = CgroupsCheck.version(List.of(root, pids));

    assertThat(CgroupsCheck.version(List.of(pids))).isEqualTo(now);
    assertThat(CgroupsCheck.version(List.of(pids.replace("31 25", "77 70")))).isEqualTo(now);
    assertThat(CgroupsCheck.version(List.of(root, pids.replace("pids rw,", "pids ro,"))))
        .isNotEqualTo(now);
  }

  @Test
  void aMissingProgramComesWithItsPackage() {
    Finding needed = ToolsCheck.judge(new ToolsCheck.Facts(Tool.IP, Optional.empty(), ""));
    assertThat(needed.state()).isEqualTo("failed");
    assertThat(needed.advice().orElseThrow().remedy()).isEqualTo("install the package iproute2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ip utility, iproute2-6.1.0, libbpf 1.1.2 | 6.1.0",
        "nftables v1.0.6 (Lester Gooch #5)        | 1.0.6",
        "umoci version 0.4.7+ds-3+b7              | 0.4.7+ds",
        "mke2fs 1.47.0 (5-Feb-2023)               | 1.47.0",
      })
  void versionsAreFoundInWhatProgramsSay(String said, String version) {
    Finding finding =
        ToolsCheck.judge(new ToolsCheck.Facts(Tool.IP, Optional.of(Path.of("/sbin/ip")), said));
    assertThat(finding).isEqualTo(new Finding.Ok("ip", version + ", /sbin/ip"));
  }
}
