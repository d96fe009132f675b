package dev.sandpool.server.engine.oci;

import dev.sandpool.model.Isolation;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.linux.Syscalls;
import dev.sandpool.server.network.SandboxNetwork;
import dev.sandpool.server.network.Slot;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Finds out what a runtime can do here by starting something with it: a guest that reads
 * /proc/version, in a real slot and a cgroup of its own, from whose answer it shows which kernel
 * serves it, and that can use {@code stat}, which old runtimes break. A probe that hangs is killed
 * with everything it started, which may spin for ever otherwise.
 */
final class RuntimeProbe {
  private static final Logger LOG = LoggerFactory.getLogger(RuntimeProbe.class);
  private static final long MEMORY = 256 << 20;

  private final SandboxFolders folders;
  private final Cgroups cgroups;
  private final SandboxNetwork network;
  private final Removal removal;
  private final Path emptyFolder;

  RuntimeProbe(
      SandboxFolders folders,
      Cgroups cgroups,
      SandboxNetwork network,
      Removal removal,
      Path emptyFolder) {
    this.folders = folders;
    this.cgroups = cgroups;
    this.network = network;
    this.removal = removal;
    this.emptyFolder = emptyFolder;
  }

  /**
   * The strongest that works.
   *
   * @param candidates strongest first
   * @param seccomp the filter that sandboxes will have, for runc
   * @param deadline for each
   * @throws EngineUnavailableException saying why none does
   */
  OciRuntime strongest(List<OciRuntime> candidates, Optional<ObjectNode> seccomp, Duration deadline)
      throws EngineUnavailableException {
    List<String> reasons = new ArrayList<>();
    for (OciRuntime candidate : candidates) {
      Optional<String> failure = failure(candidate, seccomp, deadline);
      if (failure.isEmpty()) {
        LOG.info("{} works, isolation {}", candidate.description(), candidate.isolation());
        return candidate;
      }
      String reason =
          (candidate.platform() + " " + candidate.isolation()).strip() + ": " + failure.get();
      LOG.info("{} does not work here, {}", candidate.description(), reason);
      reasons.add(reason);
    }
    String what = candidates.getFirst().gvisor() ? "gVisor" : "runc";
    throw new EngineUnavailableException(
        what + " does not work on this host (" + String.join("; ", reasons) + ")");
  }

  /**
   * The ways to use gVisor here, strongest first. Whether something must be hidden from it is seen
   * by trying without.
   */
  static List<OciRuntime> candidates(RuntimeFinder.Found runsc) {
    List<OciRuntime> candidates = new ArrayList<>();
    for (Isolation isolation : List.of(Isolation.GVISOR, Isolation.GVISOR_HOSTNET)) {
      for (String platform : List.of("systrap", "kvm", "ptrace")) {
        if (platform.equals("kvm") && !Files.exists(Path.of("/dev/kvm"))) {
          continue;
        }
        candidates.add(new OciRuntime(runsc.binary(), runsc.version(), isolation, platform, false));
        if (isolation == Isolation.GVISOR) {
          candidates.add(
              new OciRuntime(runsc.binary(), runsc.version(), isolation, platform, true));
        }
      }
    }
    return candidates;
  }

  private Optional<String> failure(
      OciRuntime runtime, Optional<ObjectNode> seccomp, Duration deadline) {
    return failure(runtime, new HostsRoot(runtime, seccomp), deadline);
  }

  /** Why something does not work in a runtime; nothing where it does. */
  Optional<String> failure(OciRuntime runtime, Vessel.Experiment experiment, Duration deadline) {
    SandboxFolder folder = folders.of(SandboxId.random(RandomGenerator.getDefault()));
    try {
      return tryOut(runtime, folder, experiment, deadline);
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } finally {
      try {
        NamedProcesses.kill(Set.of(folder.name()));
        removal.remove(folder);
      } catch (IOException e) {
        LOG.warn("cannot clean up after a probe: {}", e.getMessage());
      }
    }
  }

  private Optional<String> tryOut(
      OciRuntime runtime, SandboxFolder folder, Vessel.Experiment experiment, Duration deadline)
      throws IOException {
    folders.create(folder);
    // The last slot: sandboxes that were left running have the first ones.
    Slot slot = network.slot(folder.name(), network.slots() - 1, false, false);
    folder.plan(
        new SandboxFolder.Plan(network.slots() - 1, "none", slot.guestAddress(), false, null));
    network.create(slot);
    Files.writeString(folder.path().resolve("config.json"), experiment.prepare(folder, slot));
    List<String> command = new ArrayList<>(List.of(runtime.binary().toString()));
    command.addAll(runtime.globalOptions(folder.runtimeRoot()));
    command.addAll(List.of("run", "--bundle", folder.path().toString(), folder.name()));
    File output = folder.path().resolve("start.log").toFile();
    Process process = new Launch(runtime, emptyFolder).spawn(command, output);
    boolean done;
    try {
      done = process.waitFor(deadline);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while probing", e);
    } finally {
      Syscalls.kill(process.pid(), Syscalls.SIGKILL);
    }
    String text = Files.readString(output.toPath());
    if (!done) {
      return Optional.of("no answer within " + deadline.toSeconds() + " s");
    }
    return experiment.judge(folder, process.exitValue(), text);
  }

  /**
   * A program on the host's own root, read-only: there may be no image yet, and every host has cat
   * and stat.
   */
  private final class HostsRoot implements Vessel.Experiment {
    private final OciRuntime runtime;
    private final Optional<ObjectNode> seccomp;

    HostsRoot(OciRuntime runtime, Optional<ObjectNode> seccomp) {
      this.runtime = runtime;
      this.seccomp = seccomp;
    }

    @Override
    public String prepare(SandboxFolder folder, Slot slot) throws IOException {
      Path rootfs = Files.createDirectories(folder.rootfs());
      Syscalls.mount("/", rootfs, null, Syscalls.MS_BIND, null);
      Syscalls.mount("none", rootfs, null, Syscalls.MS_PRIVATE, null);
      // It is the host's: whatever goes wrong with the trial must not change it.
      long readOnly = Syscalls.MS_REMOUNT | Syscalls.MS_BIND | Syscalls.MS_RDONLY;
      Syscalls.mount("none", rootfs, null, readOnly, null);
      return spec(folder, slot).json();
    }

    @Override
    public Optional<String> judge(SandboxFolder folder, int exitCode, String output)
        throws IOException {
      if (exitCode != 0) {
        return Optional.of(RuntimeMessage.shorten(output));
      }
      boolean hostKernel = output.contains(HostFacts.read().kernel());
      if (runtime.gvisor() == hostKernel) {
        return Optional.of("the guest's kernel says " + output.strip());
      }
      return Optional.empty();
    }

    private OciSpec spec(SandboxFolder folder, Slot slot) {
      var process =
          new OciSpec.GuestProcess(
              List.of("/bin/sh", "-c", "stat / >/dev/null && cat /proc/version"),
              Map.of("PATH", "/usr/bin:/bin"),
              "/",
              new ImageUser(0, 0, List.of(), "/"));
      var limits =
          new OciSpec.Limits(
              1, MEMORY, runtime.processLimit(64), HostFacts.openFiles(), cgroups.boundsSwap());
      var host =
          new OciSpec.Host(
              "probe", slot.namespace().toString(), cgroups.pathOf(folder.name()), seccomp);
      return new OciSpec(
          process, limits, host, folder.rootfs().toString(), /* readonlyRoot= */ true);
    }
  }
}
