package dev.sandpool.server.engine.oci;

import dev.sandpool.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * The runtime specification of one sandbox (OCI runtime-spec 1.0, {@code config.json}); pure.
 *
 * @param rootfs its root file system on the host
 * @param readonlyRoot whether nobody may write to it
 */
public record OciSpec(
    GuestProcess process, Limits limits, Host host, String rootfs, boolean readonlyRoot) {
  /** After so long what a sandbox may use of the processors is there again. */
  static final int PERIOD_MICROS = 50_000;

  /**
   * The nine capabilities of a root user inside: none that reaches beyond the sandbox.
   * docs/security.md says of each why an ordinary image needs it.
   */
  public static final List<String> CAPABILITIES =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FOWNER",
          "CAP_FSETID",
          "CAP_KILL",
          "CAP_NET_BIND_SERVICE",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SYS_CHROOT");

  /** What runs. */
  public record GuestProcess(
      List<String> args, Map<String, String> env, String cwd, ImageUser user) {
    public GuestProcess {
      args = List.copyOf(args);
      env = Map.copyOf(env);
    }
  }

  /**
   * What it may use.
   *
   * @param cpu cores
   * @param openFiles of each process; no more than the server itself may have
   * @param boundSwap whether swap counts as memory
   */
  public record Limits(
      double cpu, long memoryBytes, int processes, long openFiles, boolean boundSwap) {}

  /**
   * Where it runs.
   *
   * @param seccomp the filter for a runtime that shares the host's kernel; gVisor has its own
   */
  public record Host(
      String hostname, String networkNamespace, String cgroup, Optional<ObjectNode> seccomp) {
    /** gVisor has a kernel of its own, which some settings would only confuse. */
    public boolean sharesKernel() {
      return seccomp.isPresent();
    }
  }

  /** The text of {@code config.json}. */
  public String json() {
    ObjectNode spec = Json.MAPPER.createObjectNode();
    spec.put("ociVersion", "1.0.2");
    spec.put("hostname", host.hostname());
    spec.putObject("root").put("path", rootfs).put("readonly", readonlyRoot);
    spec.set("process", processNode());
    spec.set("mounts", Json.MAPPER.valueToTree(mounts()));
    spec.set("linux", linuxNode());
    return spec.toString();
  }

  private ObjectNode processNode() {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("terminal", false).put("cwd", process.cwd()).put("noNewPrivileges", true);
    node.set("args", Json.MAPPER.valueToTree(process.args()));
    List<String> env = new ArrayList<>();
    new TreeMap<>(process.env()).forEach((name, value) -> env.add(name + "=" + value));
    node.set("env", Json.MAPPER.valueToTree(env));
    ObjectNode user = node.putObject("user");
    user.put("uid", process.user().uid()).put("gid", process.user().gid());
    user.set("additionalGids", Json.MAPPER.valueToTree(process.user().groups()));
    node.set("capabilities", capabilities());
    node.putArray("rlimits")
        .addObject()
        .put("type", "RLIMIT_NOFILE")
        .put("soft", limits.openFiles())
        .put("hard", limits.openFiles());
    return node;
  }

  /** Another user than root has none; a runtime would otherwise keep them across the change. */
  private ObjectNode capabilities() {
    ObjectNode node = Json.MAPPER.createObjectNode();
    List<String> effective = process.user().uid() == 0 ? CAPABILITIES : List.of();
    node.set("bounding", Json.MAPPER.valueToTree(CAPABILITIES));
    node.set("effective", Json.MAPPER.valueToTree(effective));
    node.set("permitted", Json.MAPPER.valueToTree(effective));
    return node;
  }

  private record Mount(String destination, String type, String source, List<String> options) {}

  private List<Mount> mounts() {
    List<Mount> mounts = new ArrayList<>();
    List<String> closed = List.of("nosuid", "noexec", "nodev");
    mounts.add(new Mount("/proc", "proc", "proc", closed));
    mounts.add(
        new Mount(
            "/dev", "tmpfs", "tmpfs", List.of("nosuid", "strictatime", "mode=755", "size=65536k")));
    mounts.add(
        new Mount(
            "/dev/pts",
            "devpts",
            "devpts",
            List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5")));
    mounts.add(new Mount("/dev/shm", "tmpfs", "shm", with(closed, "mode=1777", "size=65536k")));
    if (host.sharesKernel()) {
      mounts.add(new Mount("/dev/mqueue", "mqueue", "mqueue", closed));
    }
    mounts.add(new Mount("/sys", "sysfs", "sysfs", with(closed, "ro")));
    return mounts;
  }

  private static List<String> with(List<String> options, String... more) {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of(more));
    return all;
  }

  private ObjectNode linuxNode() {
    ObjectNode linux = Json.MAPPER.createObjectNode();
    linux.put("cgroupsPath", host.cgroup());
    linux.set("resources", resources());
    var namespaces = linux.putArray("namespaces");
    for (String type : List.of("pid", "ipc", "uts", "mount")) {
      namespaces.addObject().put("type", type);
    }
    namespaces.addObject().put("type", "network").put("path", host.networkNamespace());
    if (host.sharesKernel()) {
      namespaces.addObject().put("type", "cgroup");
      host.seccomp().ifPresent(filter -> linux.set("seccomp", filter));
      // Images that listen on port 80 as another user than root shall work.
      linux.putObject("sysctl").put("net.ipv4.ip_unprivileged_port_start", "0");
    }
    linux.set("maskedPaths", Json.MAPPER.valueToTree(MASKED));
    linux.set("readonlyPaths", Json.MAPPER.valueToTree(READ_ONLY));
    return linux;
  }

  private ObjectNode resources() {
    ObjectNode resources = Json.MAPPER.createObjectNode();
    resources.putArray("devices").addObject().put("allow", false).put("access", "rwm");
    ObjectNode memory = resources.putObject("memory").put("limit", limits.memoryBytes());
    if (limits.boundSwap()) {
      memory.put("swap", limits.memoryBytes());
    }
    resources
        .putObject("cpu")
        .put("quota", Math.max(1000, Math.round(limits.cpu() * PERIOD_MICROS)))
        .put("period", PERIOD_MICROS);
    resources.putObject("pids").put("limit", limits.processes());
    return resources;
  }

  private static final List<String> MASKED =
      List.of(
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

  private static final List<String> READ_ONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");
}
