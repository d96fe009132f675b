package dev.sandpool.server.doctor;

import dev.sandpool.server.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Whether processor, memory and processes of sandboxes can be bounded. */
final class CgroupsCheck implements OncePerBoot.Tried {
  private static final List<String> NEEDED = List.of("cpu", "memory", "pids");
  private static final String UNBOUNDED = "sandboxes could not be bounded, so none starts";

  /**
   * What is mounted.
   *
   * @param unified whether all controllers are in the one hierarchy of version 2
   * @param refused hierarchies in which no group can be made, each with the kernel's reason
   */
  record Facts(boolean unified, Set<String> controllers, List<String> refused) {}

  @Override
  public List<Finding> examine() throws IOException {
    return judge(read(Mounts.all()));
  }

  @Override
  public String version() throws IOException {
    return version(Files.readAllLines(Path.of("/proc/self/mountinfo")));
  }

  /**
   * Hierarchies that are mounted elsewhere, or for reading alone, are tried out anew; a service
   * manager's new view of the same ones is not.
   */
  static String version(List<String> mounts) {
    return Integer.toHexString(
        mounts.stream()
            .filter(line -> line.contains(" - cgroup"))
            .map(CgroupsCheck::withoutIds)
            .toList()
            .hashCode());
  }

  /** Root, target and options of a line of proc_pid_mountinfo(5). */
  private static List<String> withoutIds(String line) {
    String[] fields = line.split(" ");
    return List.of(fields[3], fields[4], fields[5], line.substring(line.indexOf(" - ")));
  }

  static List<Finding> judge(Facts facts) {
    Set<String> missing = new TreeSet<>(NEEDED);
    missing.removeAll(facts.controllers());
    List<Finding> findings = new ArrayList<>();
    String version = facts.unified() ? "version 2" : "version 1";
    findings.add(
        missing.isEmpty()
            ? Finding.ok("controllers", version + " with " + String.join(", ", NEEDED))
            : Finding.failed(
                "controllers",
                version + " without " + String.join(", ", missing),
                UNBOUNDED,
                "switch them on: kernel command line cgroup_enable=memory, or on version 2 the file"
                    + " cgroup.subtree_control of the groups above"));
    String disks = facts.unified() ? "io" : "blkio";
    findings.add(
        facts.controllers().contains(disks)
            ? Finding.ok("disk rate", "can be bounded (" + disks + ")")
            : Finding.warning(
                "disk rate",
                version + " without " + disks,
                "engine.diskRate is not in force: a sandbox that goes on writing has the kernel"
                    + " work for it beside its share of the processors",
                "use a kernel with CONFIG_BLK_CGROUP and CONFIG_BLK_DEV_THROTTLING, and have "
                    + disks
                    + " mounted or passed on"));
    findings.add(
        facts.refused().isEmpty()
            ? Finding.ok("writable", "groups can be made")
            : Finding.failed(
                "writable",
                String.join("; ", facts.refused()),
                UNBOUNDED,
                "mount /sys/fs/cgroup for writing, or leave the container that hides it"));
    return findings;
  }

  private static Facts read(List<Mounts.Mount> mounts) {
    Set<String> controllers = new HashSet<>();
    List<String> refused = new ArrayList<>();
    boolean unified =
        mounts.stream().noneMatch(m -> m.type().equals("cgroup") && m.options().contains("memory"));
    for (Mounts.Mount mount : mounts) {
      if (mount.type().equals("cgroup")) {
        controllers.addAll(mount.options());
      } else if (mount.type().equals("cgroup2")) {
        controllers.addAll(words(mount.target().resolve("cgroup.controllers")));
      } else {
        continue;
      }
      tryOut(mount.target(), refused);
    }
    return new Facts(unified, controllers, refused);
  }

  private static void tryOut(Path hierarchy, List<String> refused) {
    Path group = hierarchy.resolve("sandpool-doctor-" + ProcessHandle.current().pid());
    try {
      Files.createDirectory(group);
      Files.delete(group);
    } catch (IOException e) {
      refused.add(e.getMessage() + " (" + e.getClass().getSimpleName() + ")");
    }
  }

  private static List<String> words(Path file) {
    try {
      return List.of(Files.readString(file).strip().split(" "));
    } catch (IOException e) {
      return List.of();
    }
  }
}
