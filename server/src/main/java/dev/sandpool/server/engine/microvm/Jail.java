package dev.sandpool.server.engine.microvm;

import dev.sandpool.model.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * The container in which a machine's monitor runs (OCI runtime-spec 1.0): a user of its own without
 * a capability, the host's programs read-only, the files of its machine, and nothing else. Whoever
 * breaks out of the guest is in it.
 *
 * @param root folder that {@link JailRoot} has made
 * @param user and group, which own nothing else on this host
 * @param files by their name in {@code /vm}
 * @param writable the names of those that may be written to
 * @param devices of the host that it may open
 */
record Jail(
    Path root,
    int user,
    List<String> args,
    Map<String, Path> files,
    List<String> writable,
    List<Device> devices,
    Bounds bounds) {
  /** The bound of each file that it writes ends what the machine's disk does not. */
  record Bounds(
      long memoryBytes,
      long fileBytes,
      boolean boundSwap,
      String cgroup,
      String networkNamespace,
      Optional<ObjectNode> seccomp) {}

  /** A character device. */
  record Device(String path, int major, int minor) {
    static final Device TUN = new Device("/dev/net/tun", 10, 200);
    static final Device KVM = new Device("/dev/kvm", 10, 232);
  }

  /** The one file that is code, beside the host's programs. */
  static final String PRELOADED = "readonly.so";

  private static final int PROCESSES = 160;
  private static final int OPEN_FILES = 256;

  private record Mount(String destination, String type, String source, List<String> options) {}

  private record Limit(String type, long soft, long hard) {
    static Limit of(String type, long most) {
      return new Limit(type, most, most);
    }
  }

  /** The text of {@code config.json}. */
  String json() {
    ObjectNode spec = Json.MAPPER.createObjectNode();
    spec.put("ociVersion", "1.0.2").put("hostname", "machine");
    spec.putObject("root").put("path", root.toString()).put("readonly", true);
    spec.set("process", process());
    spec.set("mounts", Json.MAPPER.valueToTree(mounts()));
    spec.set("linux", linux());
    return spec.toString();
  }

  private ObjectNode process() {
    ObjectNode process = Json.MAPPER.createObjectNode();
    process.put("terminal", false).put("cwd", "/").put("noNewPrivileges", true);
    process.set("args", Json.MAPPER.valueToTree(args));
    process.putArray("env").add("PATH=/usr/bin");
    process.putObject("user").put("uid", user).put("gid", user);
    process.putObject("capabilities");
    process.set(
        "rlimits",
        Json.MAPPER.valueToTree(
            List.of(
                Limit.of("RLIMIT_NOFILE", OPEN_FILES),
                Limit.of("RLIMIT_FSIZE", bounds.fileBytes()),
                Limit.of("RLIMIT_CORE", 0))));
    return process;
  }

  private List<Mount> mounts() {
    List<Mount> mounts = new ArrayList<>();
    List<String> closed = List.of("nosuid", "noexec", "nodev");
    mounts.add(new Mount("/proc", "proc", "proc", closed));
    mounts.add(new Mount("/dev", "tmpfs", "tmpfs", List.of("nosuid", "mode=755", "size=64k")));
    mounts.add(new Mount("/tmp", "tmpfs", "tmpfs", with(closed, "mode=1777", "size=64k")));
    mounts.add(new Mount("/usr", "bind", "/usr", List.of("bind", "ro", "nosuid", "nodev")));
    new TreeMap<>(files)
        .forEach(
            (name, file) ->
                mounts.add(
                    new Mount(
                        "/vm/" + name,
                        "bind",
                        file.toString(),
                        with(
                            name.equals(PRELOADED) ? List.of("nosuid", "nodev") : closed,
                            "bind",
                            writable.contains(name) ? "rw" : "ro"))));
    return mounts;
  }

  private static List<String> with(List<String> options, String... more) {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of(more));
    return all;
  }

  private ObjectNode linux() {
    ObjectNode linux = Json.MAPPER.createObjectNode();
    linux.put("cgroupsPath", bounds.cgroup());
    linux.set("resources", resources());
    var namespaces = linux.putArray("namespaces");
    for (String type : List.of("pid", "ipc", "uts", "mount", "cgroup")) {
      namespaces.addObject().put("type", type);
    }
    namespaces.addObject().put("type", "network").put("path", bounds.networkNamespace());
    var nodes = linux.putArray("devices");
    for (Device device : devices) {
      nodes
          .addObject()
          .put("path", device.path())
          .put("type", "c")
          .put("major", device.major())
          .put("minor", device.minor())
          .put("fileMode", 0600)
          .put("uid", user)
          .put("gid", user);
    }
    bounds.seccomp().ifPresent(filter -> linux.set("seccomp", filter));
    linux.set(
        "maskedPaths",
        Json.MAPPER.valueToTree(List.of("/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/scsi")));
    linux.set(
        "readonlyPaths",
        Json.MAPPER.valueToTree(
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")));
    return linux;
  }

  private ObjectNode resources() {
    ObjectNode resources = Json.MAPPER.createObjectNode();
    var rules = resources.putArray("devices");
    rules.addObject().put("allow", false).put("access", "rwm");
    for (Device device : devices) {
      rules
          .addObject()
          .put("allow", true)
          .put("type", "c")
          .put("major", device.major())
          .put("minor", device.minor())
          .put("access", "rw");
    }
    ObjectNode memory = resources.putObject("memory").put("limit", bounds.memoryBytes());
    if (bounds.boundSwap()) {
      memory.put("swap", bounds.memoryBytes());
    }
    resources.putObject("pids").put("limit", PROCESSES);
    return resources;
  }
}
