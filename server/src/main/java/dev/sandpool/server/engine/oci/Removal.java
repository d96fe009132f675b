package dev.sandpool.server.engine.oci;

import dev.sandpool.server.linux.LoopDevice;
import dev.sandpool.server.linux.Mounts;
import dev.sandpool.server.linux.ProcessId;
import dev.sandpool.server.linux.Syscalls;
import dev.sandpool.server.network.SandboxNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees everything of a sandbox, whatever there is of it: the one way in which one ends, be it a
 * stop, a start that failed or a leftover. The runtime's own delete is not needed for it, and would
 * wait for processes that only their parent can bury.
 */
final class Removal {
  private static final Logger LOG = LoggerFactory.getLogger(Removal.class);

  private final SandboxFolders folders;
  private final Cgroups cgroups;
  private final SandboxNetwork network;
  private final ExitWatcher exits;
  private final ConsoleStore consoles;
  private final DiskRate diskRate;

  Removal(
      SandboxFolders folders,
      Cgroups cgroups,
      SandboxNetwork network,
      ExitWatcher exits,
      ConsoleStore consoles,
      DiskRate diskRate) {
    this.diskRate = diskRate;
    this.folders = folders;
    this.cgroups = cgroups;
    this.network = network;
    this.exits = exits;
    this.consoles = consoles;
  }

  /** Asks the first process to end and waits so long for it. */
  void ask(SandboxFolder folder, Duration grace) throws IOException {
    Optional<ProcessId> process =
        folder.started().map(SandboxFolder.Started::process).filter(ProcessId::alive);
    if (process.isPresent() && !grace.isZero()) {
      Syscalls.kill(process.get().pid(), Syscalls.SIGTERM);
      exits.await(folder, grace);
    }
  }

  /** Kills and frees; where that fails, a repeated call goes on. */
  void remove(SandboxFolder folder) throws IOException {
    kill(folder);
    Optional<SandboxFolder.Plan> plan = free(folder);
    if (plan.isPresent()) {
      network.forgetConnections(plan.get().address());
    }
    // Last, because without it nobody would know that this address is still to be freed.
    folder.deleteExit();
    consoles.keep(folder);
    FolderRemoval.remove(folder.path());
    exits.forget(folder);
  }

  /** Removes all but its output: it is to be started anew, as if it went on. */
  void clear(SandboxFolder folder) throws IOException {
    Optional<SandboxFolder.Plan> plan = free(folder);
    if (plan.isPresent()) {
      // Not later: what is forgotten then would be connections of who has the slot next.
      network.forgetConnectionsNow(plan.get().address());
    }
    folder.deleteExit();
    folder.forgetStart();
    try (Stream<Path> files = Files.list(folder.path())) {
      for (Path file : files.filter(path -> !folder.isOutput(path)).toList()) {
        FolderRemoval.remove(file);
      }
    }
  }

  /** Kills its processes. */
  void kill(SandboxFolder folder) throws IOException {
    String name = folder.name();
    diskRate.release(name, folder.disk().folder());
    cgroups.kill(name, firstProcess(folder));
    killMonitor(folder);
  }

  private Optional<SandboxFolder.Plan> free(SandboxFolder folder) throws IOException {
    String name = folder.name();
    Optional<SandboxFolder.Plan> plan = folder.plan();
    network.delete(name);
    new WritableLayer(folder).remove();
    cgroups.remove(name);
    network.awaitGone(name);
    return plan;
  }

  private static long firstProcess(SandboxFolder folder) {
    return folder.started().map(started -> started.process().pid()).orElse(0L);
  }

  /** The monitor is in a cgroup of its own only from a moment after its start. */
  private static void killMonitor(SandboxFolder folder) throws IOException {
    Optional<SandboxFolder.Started> started = folder.started();
    if (started.isPresent()) {
      ProcessId monitor = started.get().monitor();
      if (monitor.alive()) {
        Syscalls.kill(monitor.pid(), Syscalls.SIGKILL);
      }
    } else if (folder.exists()) {
      NamedProcesses.kill(Set.of(folder.name()));
    }
  }

  /**
   * Frees everything of this server's sandboxes but of those names.
   *
   * @return the names of what was freed
   */
  List<String> reclaim(Set<String> keep) throws IOException {
    List<String> freed = new ArrayList<>();
    Set<String> names = names();
    names.removeAll(keep);
    NamedProcesses.kill(names);
    for (String name : names) {
      Optional<SandboxFolder> folder = folders.named(name);
      if (folder.isPresent() && reclaimed(folder.get())) {
        freed.add(name);
      }
    }
    return freed;
  }

  private boolean reclaimed(SandboxFolder folder) {
    try {
      folder.markStopping();
      remove(folder);
      return true;
    } catch (IOException e) {
      LOG.warn("leftover {} cannot be freed: {}", folder.name(), e.getMessage());
      return false;
    }
  }

  /** The names of all sandboxes of this server that have anything on the host. */
  Set<String> names() throws IOException {
    Set<String> names = new TreeSet<>();
    folders.all().forEach(folder -> names.add(folder.name()));
    names.addAll(cgroups.names());
    names.addAll(network.names());
    Mounts.all().stream().map(Mounts.Mount::target).forEach(target -> addName(names, target));
    LoopDevice.filesBeneath(folders.root()).forEach(file -> addName(names, file));
    return names;
  }

  private void addName(Set<String> names, Path path) {
    if (path.startsWith(folders.root())) {
      names.add(folders.root().relativize(path).getName(0).toString());
    }
  }
}
