package dev.sandpool.e2e.attack;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a probe that got through means. */
final class Verdicts {
  static final String OFF = "egress off";
  static final String ON = "egress on";
  static final String RAW = "egress on, raw sockets granted";

  private static final Set<String> INTERNET =
      Set.of("tcp internet", "udp internet", "mapped internet", "dns internet");
  private static final Set<String> CRAFTED_INTERNET = Set.of("raw internet", "packet internet");

  private final Subject subject;

  Verdicts(Subject subject) {
    this.subject = subject;
  }

  /** The reason for which a probe may get through there, if there is one. */
  Optional<String> intended(String configuration, String probe) {
    if (!configuration.equals(OFF) && INTERNET.contains(probe)) {
      return Optional.of("by NAT");
    }
    if (configuration.equals(RAW) && CRAFTED_INTERNET.contains(probe)) {
      return Optional.of("by NAT; from its own address alone, as PacketRulesIT shows");
    }
    return switch (subject) {
      case GVISOR -> Optional.ofNullable(GVISORS_KERNEL.get(probe));
      case MICROVM -> Optional.ofNullable(GUESTS_KERNEL.get(probe));
      case CONTAINER -> Optional.empty();
    };
  }

  /** Why not even a privileged container can do it on this host. */
  Optional<String> excuse(String probe, Finding privileged) {
    if (probe.equals("mounts cgroup-release-agent") && Files.exists(UNIFIED)) {
      return Optional.of("this host has no cgroups of version 1, whose agent it is");
    }
    if (probe.equals("namespaces own-bounds-in-new-ones") && Files.exists(UNIFIED)) {
      return Optional.of("this host's control groups are bounds of namespaces (nsdelegate)");
    }
    return ABSENT.contains(privileged.said()) && KERNEL_OPTIONS.containsKey(probe)
        ? Optional.of("this host's kernel has no " + KERNEL_OPTIONS.get(probe))
        : Optional.empty();
  }

  /** There where version 2 alone is mounted. */
  private static final Path UNIFIED = Path.of("/sys/fs/cgroup/cgroup.controllers");

  private static final Set<String> ABSENT = Set.of("ENOSYS", "ENOENT", "ENXIO");

  private static final Map<String, String> KERNEL_OPTIONS =
      Map.of(
          "modules load-from-memory", "modules",
          "modules load-from-a-file", "modules",
          "modules unload", "modules",
          "/proc sysrq-trigger", "sysrq key",
          "devices kernel-memory-device", "memory device");

  /** Answered by gVisor's kernel, which serves this sandbox alone; the host's is not asked. */
  private static final Map<String, String> GVISORS_KERNEL =
      Map.ofEntries(
          Map.entry(
              "mounts setuid-or-devices-allowed",
              "gVisor shows no such options; it has its own devices and ignores setuid bits"),
          Map.entry("/proc kernel-settings", "settings of gVisor's kernel"),
          Map.entry("/proc network-settings", "settings of gVisor's network stack"),
          Map.entry("/proc sysrq-trigger", "a file of gVisor's without effect"),
          Map.entry("/proc kernel-log", "gVisor's own log"),
          Map.entry("devices tunnel-device", "gVisor's own, useless without CAP_NET_ADMIN"),
          Map.entry("devices more-than-the-usual", "gVisor's own fuse and tun"),
          Map.entry("namespaces new-user-namespace", "a namespace of gVisor's kernel"),
          Map.entry("namespaces new-network-by-clone", "a namespace of gVisor's kernel"),
          Map.entry("namespaces new-user-namespace-by-clone3", "a namespace of gVisor's kernel"),
          Map.entry("keyring open-the-session-keyring", "gVisor's own, empty and not shared"),
          Map.entry("privileges priority-above-others", "priority among its own processes"));

  /** Answered by the kernel of the guest, in which nobody else is. */
  private static final Map<String, String> GUESTS_KERNEL =
      Map.of(
          "namespaces new-user-namespace", "a namespace of the guest's kernel",
          "namespaces new-network-by-clone", "a namespace of the guest's kernel",
          "namespaces new-user-namespace-by-clone3", "a namespace of the guest's kernel",
          "keyring add-a-key", "the guest's own, empty and not shared",
          "keyring ask-for-a-key", "the guest's own, empty and not shared",
          "keyring open-the-session-keyring", "the guest's own, empty and not shared",
          "io_uring make-a-ring", "a ring of the guest's kernel",
          "other calls kernel-objects-compared", "its own objects in the guest's kernel");
}
