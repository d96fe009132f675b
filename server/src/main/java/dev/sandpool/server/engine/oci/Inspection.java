package dev.sandpool.server.engine.oci;

import dev.sandpool.server.engine.SandboxDamage;
import dev.sandpool.server.engine.SandboxDamage.Consequence;
import dev.sandpool.server.linux.Mounts;
import dev.sandpool.server.linux.Syscalls;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Compares living sandboxes with the host: one look at the mounts and one at each interface's name,
 * no process, so that it can be done every few seconds.
 */
final class Inspection {
  private static final Path NAMESPACES = Path.of("/run/netns");
  private static final Path INTERFACES = Path.of("/sys/class/net");

  private final SandboxFolders folders;
  private final String bootId;
  private final boolean rootOnHost;

  /**
   * A comparison.
   *
   * @param rootOnHost whether a living sandbox's root is mounted on the host
   */
  Inspection(SandboxFolders folders, String bootId, boolean rootOnHost) {
    this.rootOnHost = rootOnHost;
    this.folders = folders;
    this.bootId = bootId;
  }

  List<SandboxDamage> look() throws IOException {
    // What runs is asked first: a sandbox that came up after that is not missed among the mounts.
    List<SandboxFolder> living = folders.all().stream().filter(this::lives).toList();
    Set<Path> mounts = Mounts.all().stream().map(Mounts.Mount::target).collect(Collectors.toSet());
    List<SandboxDamage> damages = new ArrayList<>();
    for (SandboxFolder folder : living) {
      Optional<SandboxDamage> damage = look(folder, mounts);
      // Asked again, because one that ends at this moment misses the same things rightly.
      if (damage.isPresent() && lives(folder)) {
        damages.add(damage.get());
      }
    }
    return damages;
  }

  private boolean lives(SandboxFolder folder) {
    return !folder.stopping() && folder.running(bootId).isPresent();
  }

  private Optional<SandboxDamage> look(SandboxFolder folder, Set<Path> mounts) {
    if (folder.started().filter(started -> started.monitor().alive()).isEmpty()) {
      return Optional.of(damage(folder, Consequence.BROKEN, "its monitor (conmon) is dead"));
    }
    if (!Files.exists(INTERFACES.resolve(folder.name()))) {
      return Optional.of(damage(folder, Consequence.BROKEN, "its network interface is gone"));
    }
    if (!mounts.contains(NAMESPACES.resolve(folder.name()))) {
      return Optional.of(nameAgain(folder));
    }
    if (rootOnHost && !mounts.contains(folder.rootfs())) {
      return Optional.of(
          damage(folder, Consequence.WORN, "its root file system is not mounted on the host"));
    }
    return Optional.empty();
  }

  /** The namespace lives as long as a process in it; only its name was taken away. */
  private static SandboxDamage nameAgain(SandboxFolder folder) {
    String what = "the name of its network namespace was gone";
    try {
      long pid = folder.started().orElseThrow(IOException::new).process().pid();
      Path name = NAMESPACES.resolve(folder.name());
      try {
        Files.createFile(name);
      } catch (FileAlreadyExistsException e) {
        // Unmounted, and the file left: it serves again.
      }
      Syscalls.mount("/proc/" + pid + "/ns/net", name, null, Syscalls.MS_BIND, null);
      return damage(folder, Consequence.MENDED, what);
    } catch (IOException e) {
      return damage(folder, Consequence.BROKEN, what + " and cannot be given: " + e.getMessage());
    }
  }

  private static SandboxDamage damage(SandboxFolder folder, Consequence consequence, String what) {
    return new SandboxDamage(folder.id(), consequence, what);
  }
}
