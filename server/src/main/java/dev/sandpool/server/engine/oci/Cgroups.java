package dev.sandpool.server.engine.oci;

import dev.sandpool.model.InstanceId;
import dev.sandpool.server.linux.Mounts;
import dev.sandpool.server.linux.ProcessId;
import dev.sandpool.server.linux.Syscalls;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cgroups of one server, version 1 or 2: {@code /PREFIX/NAME/box} holds a sandbox and {@code
 * /PREFIX/NAME/mon} its monitor, in each hierarchy.
 */
final class Cgroups {
  private static final Logger LOG = LoggerFactory.getLogger(Cgroups.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Of one core: a guest that floods its console shall wait for the monitor, not the host. */
  private static final int MONITOR_PERCENT = 10;

  private static final String BOX = "box";
  private static final String MONITOR = "mon";

  private final List<Path> roots;

  /** The hierarchy that is read while waiting; a finished sandbox is in all of them. */
  private final Path leading;

  private final boolean unified;
  private final List<Path> monitorRoots;

  /** By the names of controllers, on version 1. */
  private final Map<String, Path> controllers;

  private Cgroups(
      List<Path> roots, boolean unified, List<Path> monitorRoots, Map<String, Path> controllers) {
    this.controllers = controllers;
    this.roots = roots;
    this.leading = monitorRoots.getFirst();
    this.unified = unified;
    this.monitorRoots = monitorRoots;
  }

  static Cgroups open(InstanceId instance) throws IOException {
    boolean inUnit =
        Files.readAllLines(Path.of("/proc/self/cgroup")).stream()
            .anyMatch(line -> line.contains(":name=systemd:") && !line.endsWith(":/"));
    return of(Mounts.all(), instance.prefix(), inUnit);
  }

  /**
   * From what is mounted.
   *
   * @param inUnit whether a service manager has the server in a cgroup of its own, in which it
   *     would kill monitors together with the server
   * @throws IOException if a controller that sandboxes need is missing
   */
  static Cgroups of(List<Mounts.Mount> mounts, String prefix, boolean inUnit) throws IOException {
    List<Mounts.Mount> first =
        mounts.stream().filter(mount -> mount.type().equals("cgroup")).toList();
    boolean unified = first.stream().noneMatch(mount -> mount.options().contains("memory"));
    List<Path> monitors =
        mounts.stream()
            .filter(
                mount ->
                    unified
                        ? mount.type().equals("cgroup2")
                        : mount.type().equals("cgroup")
                            && (mount.options().contains("cpu")
                                || (inUnit && mount.options().contains("name=systemd"))))
            .map(mount -> mount.target().resolve(prefix))
            .toList();
    if (monitors.isEmpty()) {
      throw new IOException("this host has no cgroups with the cpu controller mounted");
    }
    List<Path> all =
        mounts.stream()
            .filter(mount -> mount.type().equals("cgroup") || mount.type().equals("cgroup2"))
            .map(mount -> mount.target().resolve(prefix))
            .toList();
    Map<String, Path> controllers = new HashMap<>();
    first.forEach(
        mount ->
            mount
                .options()
                .forEach(option -> controllers.put(option, mount.target().resolve(prefix))));
    return new Cgroups(all, unified, monitors, controllers);
  }

  /** The same for who only needs to name them. */
  Vessel.Ground ground() {
    return new Vessel.Ground() {
      @Override
      public String pathOf(SandboxFolder folder) {
        return Cgroups.this.pathOf(folder.name());
      }

      @Override
      public boolean boundsSwap() {
        return Cgroups.this.boundsSwap();
      }
    };
  }

  boolean unified() {
    return unified;
  }

  /** Whether swap can be bounded; asking for it where it cannot makes a start fail. */
  boolean boundsSwap() {
    return unified
        || roots.stream()
            .anyMatch(root -> Files.exists(root.resolveSibling("memory.memsw.limit_in_bytes")));
  }

  /** The server's cgroup where that controller is; it may not exist yet. */
  Optional<Path> root(String controller) {
    return unified ? Optional.of(leading) : Optional.ofNullable(controllers.get(controller));
  }

  /** Where a sandbox itself is, beneath one of the roots. */
  Path box(Path root, String name) {
    return root.resolve(name).resolve(BOX);
  }

  /** For the runtime's configuration. */
  String pathOf(String name) {
    return "/" + roots.getFirst().getFileName() + "/" + name + "/" + BOX;
  }

  /** Moves the monitor out of the server's cgroup into one of its own. */
  void adoptMonitor(String name, long pid) throws IOException {
    for (Path root : monitorRoots) {
      Path leaf = Files.createDirectories(root.resolve(name).resolve(MONITOR));
      if (unified) {
        Files.writeString(leaf.resolve("cpu.max"), MONITOR_PERCENT * 1000 + " 100000");
      } else if (Files.exists(leaf.resolve("cpu.cfs_quota_us"))) {
        Files.writeString(leaf.resolve("cpu.cfs_quota_us"), "" + MONITOR_PERCENT * 1000);
      }
      Files.writeString(leaf.resolve("cgroup.procs"), Long.toString(pid));
    }
  }

  /** Bounds the cores of a sandbox that was created without such a bound. */
  void boundCpu(String name, double cores) throws IOException {
    long quota = Math.max(1000, Math.round(cores * OciSpec.PERIOD_MICROS));
    for (Path root : roots) {
      Path box = root.resolve(name).resolve(BOX);
      if (unified && Files.exists(box.resolve("cpu.max"))) {
        Files.writeString(box.resolve("cpu.max"), quota + " " + OciSpec.PERIOD_MICROS);
      } else if (Files.exists(box.resolve("cpu.cfs_quota_us"))) {
        Files.writeString(box.resolve("cpu.cfs_period_us"), "" + OciSpec.PERIOD_MICROS);
        Files.writeString(box.resolve("cpu.cfs_quota_us"), Long.toString(quota));
      }
    }
  }

  /** Whether the memory bound has killed a process of it. */
  boolean outOfMemory(String name) {
    for (Path root : roots) {
      for (String file : List.of("memory.events", "memory.oom_control")) {
        try {
          for (String line : Files.readAllLines(root.resolve(name).resolve(BOX).resolve(file))) {
            if (line.startsWith("oom_kill ") && !line.equals("oom_kill 0")) {
              return true;
            }
          }
        } catch (IOException e) {
          // Not in this hierarchy or version.
        }
      }
    }
    return false;
  }

  /** What the kernel holds about a sandbox's use of processors, which there may be none of. */
  ProcessorGroup processors(Path root, String name) {
    return new ProcessorGroup(root.resolve(name), box(root, name), unified);
  }

  /** Has one that stands behind others get the time that it needs to die. */
  private void letDie(String name) {
    Optional<Path> root = root("cpu");
    if (root.isPresent()) {
      try {
        processors(root.get(), name).letDie();
      } catch (IOException e) {
        LOG.debug("{} may take longer to die", name, e);
      }
    }
  }

  /**
   * Kills everything of a sandbox and returns when it is dead.
   *
   * @param last dies last: the process that the monitor waits for
   * @throws IOException if something of it still lives after 10 s
   */
  void kill(String name, long last) throws IOException {
    letDie(name);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    List<Path> leadingGroups = tree(leading.resolve(name));
    Set<Long> alive = living(name, leadingGroups);
    while (!alive.isEmpty()) {
      if (System.nanoTime() > deadline) {
        throw new IOException("the processes " + alive + " do not die");
      }
      boolean only = alive.equals(Set.of(last));
      for (long pid : alive) {
        if (pid != last || only) {
          Syscalls.kill(pid, Syscalls.SIGKILL);
        }
      }
      LockSupport.parkNanos(2_000_000);
      alive = living(name, leadingGroups);
    }
  }

  /** One hierarchy is read while something lives there, and only then all of them. */
  private Set<Long> living(String name, List<Path> leadingGroups) throws IOException {
    Set<Long> most = processes(leadingGroups);
    return most.isEmpty() ? processes(groups(name)) : most;
  }

  /** The processes in those cgroups; zombies do not count. */
  private static Set<Long> processes(List<Path> groups) throws IOException {
    Set<Long> pids = new LinkedHashSet<>();
    for (Path group : groups) {
      try {
        for (String line : Files.readAllLines(group.resolve("cgroup.procs"))) {
          pids.add(Long.parseLong(line));
        }
      } catch (NoSuchFileException e) {
        // Removed meanwhile.
      }
    }
    pids.removeIf(pid -> ProcessId.of(pid).isEmpty());
    return pids;
  }

  /** Removes the cgroups of a sandbox whose processes are dead. */
  void remove(String name) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    for (Path group : groups(name).reversed()) {
      removeGroup(group, deadline);
    }
  }

  /** A cgroup stays busy for a moment after its last process has died. */
  private static void removeGroup(Path group, long deadline) throws IOException {
    while (true) {
      try {
        Files.deleteIfExists(group);
        return;
      } catch (FileSystemException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  /** The names of all sandboxes that have a cgroup. */
  Set<String> names() throws IOException {
    Set<String> names = new TreeSet<>();
    for (Path root : roots) {
      names.addAll(names(root));
    }
    return names;
  }

  /** Those that have one beneath that root. */
  List<String> names(Path root) throws IOException {
    return children(root).stream().map(group -> group.getFileName().toString()).toList();
  }

  /** Removes the server's own, now empty, cgroups. */
  void removeRoots() throws IOException {
    for (Path root : roots) {
      Files.deleteIfExists(root);
    }
  }

  /** All cgroups of a sandbox, parents first. */
  private List<Path> groups(String name) throws IOException {
    List<Path> groups = new ArrayList<>();
    for (Path root : roots) {
      groups.addAll(tree(root.resolve(name)));
    }
    return groups;
  }

  /** A cgroup and all beneath it, parents first; empty if there is none. */
  private static List<Path> tree(Path top) throws IOException {
    List<Path> groups = new ArrayList<>();
    if (Files.isDirectory(top)) {
      groups.add(top);
      for (Path child : children(top)) {
        groups.addAll(tree(child));
      }
    }
    return groups;
  }

  /**
   * The cgroups right beneath one. Its link count tells how many there are (2 and one for each;
   * always 1 where the file system does not count). With it and the usual names its dozens of files
   * are rarely looked at, of which a sandbox has hundreds in the dozen hierarchies of version 1.
   */
  private static List<Path> children(Path group) throws IOException {
    try {
      int count = (int) Files.getAttribute(group, "unix:nlink") - 2;
      List<Path> usual =
          count == 0
              ? List.of()
              : Stream.of(BOX, MONITOR).map(group::resolve).filter(Files::isDirectory).toList();
      return usual.size() == count ? usual : allChildren(group);
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  private static List<Path> allChildren(Path group) throws IOException {
    List<Path> children = new ArrayList<>();
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(group, entry -> Files.isDirectory(entry))) {
      entries.forEach(children::add);
    }
    return children;
  }
}
