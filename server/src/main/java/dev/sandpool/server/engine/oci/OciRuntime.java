package dev.sandpool.server.engine.oci;

import dev.sandpool.model.Isolation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A runtime in the one way in which a probe found it to work.
 *
 * @param binary the program
 * @param version for a person
 * @param isolation earned by the probe
 * @param platform of gVisor; empty for runc
 * @param hideRmem whether {@code start} must not see /proc/sys/net/core/rmem_default: up to
 *     20240729 gVisor refuses its own network stack where that file exists outside the first
 *     network namespace (google/gvisor issue 10704)
 */
record OciRuntime(
    Path binary, String version, Isolation isolation, String platform, boolean hideRmem) {
  private static final long MIB = 1 << 20;

  static OciRuntime runc(Path binary, String version) {
    return new OciRuntime(binary, version, Isolation.CONTAINER, "", false);
  }

  boolean gvisor() {
    return isolation != Isolation.CONTAINER;
  }

  /** For a person: {@code runsc 20240729 (systrap)}. */
  String description() {
    return gvisor() ? "runsc " + version + " (" + platform + ")" : "runc " + version;
  }

  /** What a sandbox needs beyond its own limit: gVisor's kernel, conmon, the slot. */
  long overheadBytes() {
    return gvisor() ? 48 * MIB : 4 * MIB;
  }

  /**
   * The bound of a whole sandbox's memory: gVisor's kernel is charged to the sandbox, and its guest
   * shall have what it was promised.
   */
  long memoryLimit(long guestBytes) {
    return gvisor() ? guestBytes + 40 * MIB : guestBytes;
  }

  /**
   * The bound of host processes. gVisor dies at it instead of refusing a process, and takes about
   * five for each of its guest, so there it is only the last resort behind memory.
   */
  int processLimit(int guestProcesses) {
    return gvisor() ? 2048 + 5 * guestProcesses : guestProcesses;
  }

  /** The runtime's options before its verb; all state is in {@code root}. */
  List<String> globalOptions(Path root) {
    List<String> options = new ArrayList<>(List.of("--root", root.toString()));
    if (gvisor()) {
      options.add("--platform=" + platform);
      options.add("--network=" + (isolation == Isolation.GVISOR ? "sandbox" : "host"));
      // Writes belong into our own layer, whose size we know.
      options.add("--overlay2=none");
    }
    return options;
  }
}
