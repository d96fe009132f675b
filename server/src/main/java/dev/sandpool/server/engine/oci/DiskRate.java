package dev.sandpool.server.engine.oci;

import dev.sandpool.server.linux.LoopDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How fast sandboxes may write to their disks and read from them. A disk is a file behind a loop
 * device, for which threads of the kernel work, outside of what the sandbox may have of the
 * processors: who fills its disk, empties it and fills it again would have them work for it alone.
 */
final class DiskRate {
  private static final Logger LOG = LoggerFactory.getLogger(DiskRate.class);
  private static final String WRITE = "blkio.throttle.write_bps_device";
  private static final String READ = "blkio.throttle.read_bps_device";

  private final Cgroups cgroups;
  private final OptionalLong bytesPerSecond;

  private DiskRate(Cgroups cgroups, OptionalLong bytesPerSecond) {
    this.cgroups = cgroups;
    this.bytesPerSecond = bytesPerSecond;
  }

  /** As asked for, or none at all where the host's kernel cannot, which is logged. */
  static DiskRate open(Cgroups cgroups, OptionalLong bytesPerSecond) {
    if (bytesPerSecond.isPresent() && !possible(cgroups)) {
      LOG.warn("engine.diskRate is not in force: this host has no cgroup controller for disks");
      return new DiskRate(cgroups, OptionalLong.empty());
    }
    return new DiskRate(cgroups, bytesPerSecond);
  }

  private static boolean possible(Cgroups cgroups) {
    return cgroups.root(controller(cgroups)).filter(root -> supports(cgroups, root)).isPresent();
  }

  private static boolean supports(Cgroups cgroups, Path root) {
    Path top = root.resolveSibling(cgroups.unified() ? "cgroup.controllers" : WRITE);
    try {
      return !cgroups.unified() ? Files.exists(top) : Files.readString(top).contains("io");
    } catch (IOException e) {
      return false;
    }
  }

  private static String controller(Cgroups cgroups) {
    return cgroups.unified() ? "io" : "blkio";
  }

  /**
   * Puts it in force for a sandbox whose cgroups exist.
   *
   * @param disk where its disk is mounted
   */
  void bound(String name, Path disk) throws IOException {
    Optional<String> device = device(disk);
    // A virtual machine has a file without a loop device, for which its own processes work.
    if (bytesPerSecond.isPresent() && device.isPresent()) {
      bound(name, device.get(), bytesPerSecond.getAsLong());
    }
  }

  /** Also for tests: {@code MAJOR:MINOR}. */
  void bound(String name, String device, long rate) throws IOException {
    Path root = cgroups.root(controller(cgroups)).orElseThrow();
    if (cgroups.unified()) {
      enable(root);
      Path file = root.resolve(name).resolve("io.max");
      if (Files.exists(file)) {
        Files.writeString(file, "%s rbps=%d wbps=%2$d".formatted(device, rate));
      } else {
        LOG.warn("engine.diskRate is not in force for {}: the host has no {}", name, file);
      }
      return;
    }
    // What was written to memory first is written out by the kernel in nobody's name but the root
    // group's.
    String rule = device + " " + rate;
    Files.writeString(root.resolveSibling(WRITE), rule);
    Path box = cgroups.box(root, name);
    Files.writeString(box.resolve(WRITE), rule);
    Files.writeString(box.resolve(READ), rule);
  }

  /**
   * The groups beneath have the controller only where those above them pass it on; who may not
   * change that, because the host's groups are somebody else's, does without.
   */
  private static void enable(Path root) {
    for (Path group : List.of(root.resolveSibling(""), root)) {
      Path control = group.resolve("cgroup.subtree_control");
      try {
        if (!Files.readString(control).contains("io")) {
          Files.writeString(control, "+io");
        }
      } catch (IOException e) {
        LOG.debug("{} does not pass the disks' controller on", group, e);
      }
    }
  }

  /**
   * Ends it, before the sandbox is killed: what it waits for and what its disk still has to write
   * would take their time. Version 1 keeps a rule with the device's number, and the next who gets
   * that device would be held to it.
   */
  void release(String name, Path disk) throws IOException {
    Optional<Path> root = cgroups.root(controller(cgroups));
    Optional<String> device = device(disk);
    if (root.isEmpty() || device.isEmpty()) {
      return;
    }
    if (cgroups.unified()) {
      clear(root.get().resolve(name).resolve("io.max"), device.get() + " rbps=max wbps=max");
      return;
    }
    String none = device.get() + " 0";
    Path box = cgroups.box(root.get(), name);
    clear(root.get().resolveSibling(WRITE), none);
    clear(box.resolve(WRITE), none);
    clear(box.resolve(READ), none);
  }

  private static void clear(Path file, String none) throws IOException {
    if (Files.exists(file)) {
      Files.writeString(file, none);
    }
  }

  /** {@code MAJOR:MINOR} of what is mounted there; empty where no disk of ours is. */
  private static Optional<String> device(Path disk) throws IOException {
    return Files.isDirectory(disk) ? LoopDevice.numberOf(disk) : Optional.empty();
  }
}
