package dev.sandpool.server.engine.oci;

import dev.sandpool.model.InstanceId;
import dev.sandpool.server.linux.Mounts;
import dev.sandpool.server.linux.Syscalls;
import dev.sandpool.server.network.SandboxNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a server that does not run has on the host. Only for who holds that server's lock, or knows
 * that its data directory is gone.
 *
 * @param dataDir where its sandboxes have their folders; may be empty
 */
public record DeadServer(Path dataDir, InstanceId instance) {
  /** Where the two parts of a server meet. */
  private static final Path RUN = Path.of("/run/sandpool");

  /** The names of its sandboxes that live on for the next server; nothing is changed. */
  public Set<String> living() throws IOException {
    Set<String> names = new TreeSet<>();
    if (Files.isDirectory(dataDir.resolve("exits"))) {
      String bootId = HostFacts.read().bootId();
      new SandboxFolders(dataDir, instance)
          .all().stream()
              .filter(folder -> folder.running(bootId).isPresent())
              .forEach(folder -> names.add(folder.name()));
    }
    return names;
  }

  /**
   * Frees everything of sandboxes that do not live, and the rules, cgroups, addresses and mounted
   * images of the server as a whole where none lives.
   *
   * @return the names of what was freed
   */
  public List<String> free() throws IOException {
    Cgroups cgroups = Cgroups.open(instance);
    var folders = new SandboxFolders(dataDir, instance);
    Set<String> living = living();
    try (SandboxNetwork network = SandboxNetwork.ofDeadServer(dataDir, instance);
        var watcher = new ExitWatcher(folders, folder -> false)) {
      var removal =
          new Removal(
              folders,
              cgroups,
              network,
              watcher,
              new ConsoleStore(folders, dataDir),
              DiskRate.open(cgroups, OptionalLong.empty()));
      List<String> freed = new ArrayList<>(removal.reclaim(living));
      if (living.isEmpty()) {
        unmountImages();
        network.remove();
        cgroups.removeRoots();
        FolderRemoval.remove(RUN.resolve(instance.prefix()));
        freed.add(instance.prefix());
      }
      return freed;
    }
  }

  /** Each takes a loop device. A server mounts them again when it needs them. */
  private void unmountImages() throws IOException {
    for (Mounts.Mount mount : Mounts.all()) {
      if (RootStore.owner(mount.target()).equals(Optional.of(instance.prefix()))) {
        Syscalls.unmount(mount.target(), Syscalls.MNT_DETACH);
      }
    }
  }
}
