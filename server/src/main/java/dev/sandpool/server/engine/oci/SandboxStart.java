package dev.sandpool.server.engine.oci;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.server.engine.RunningSandbox;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.SandboxStartException;
import dev.sandpool.server.engine.SandboxStartException.Cause;
import dev.sandpool.server.linux.Parallel;
import dev.sandpool.server.linux.ProcessId;
import dev.sandpool.server.network.SandboxNetwork;
import dev.sandpool.server.network.Slot;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Starts one sandbox, step by step; what a failed step leaves is the caller's to remove. */
final class SandboxStart {
  private final SandboxFolders folders;
  private final Cgroups cgroups;
  private final SandboxNetwork network;
  private final Parts parts;

  /**
   * What differs between runtimes.
   *
   * @param processes of the guest at most
   * @param seccomp the filter, where the guest shares the host's kernel
   */
  record Parts(
      OciRuntime runtime,
      Monitor monitor,
      Launch launch,
      HostDisk disk,
      DiskRate diskRate,
      ProcessorShares shares,
      int processes,
      Optional<ObjectNode> seccomp) {}

  SandboxStart(SandboxFolders folders, Cgroups cgroups, SandboxNetwork network, Parts parts) {
    this.folders = folders;
    this.cgroups = cgroups;
    this.network = network;
    this.parts = parts;
  }

  RunningSandbox start(SandboxFolder folder, SandboxSpec spec, ImageRoot image, String bootId)
      throws SandboxStartException {
    OciSpec.GuestProcess process = Guest.process(image, spec);
    parts.disk().requireRoom();
    try {
      Slot slot = slot(folder, spec);
      folders.create(folder);
      folder.plan(
          new SandboxFolder.Plan(
              spec.slot(), spec.imageDigest(), slot.guestAddress(), slot.egress()));
      Parallel.run(
          () -> network.create(slot), () -> prepareFiles(folder, spec, image, process, slot));
      return run(folder, spec, slot, bootId);
    } catch (Monitor.RefusedException e) {
      throw refused(e, process.args());
    } catch (IOException | IllegalArgumentException e) {
      throw new SandboxStartException(Cause.HOST, "cannot start the sandbox: " + e.getMessage(), e);
    }
  }

  private void prepareFiles(
      SandboxFolder folder,
      SandboxSpec spec,
      ImageRoot image,
      OciSpec.GuestProcess process,
      Slot slot)
      throws IOException {
    new WritableLayer(folder).create(image.rootfs(), parts.disk().content());
    var files = new RootfsFiles(folder.rootfs());
    files.write(spec.id().value(), slot.guestAddress(), network.resolvers(slot));
    files.makeFolder(process.cwd());
    if (parts.runtime().gvisor()) {
      files.occupyTmp();
    }
    Files.writeString(folder.path().resolve("config.json"), ociSpec(folder, spec, process, slot));
  }

  private Slot slot(SandboxFolder folder, SandboxSpec spec) {
    return network.slot(folder.name(), spec.slot(), spec.network() == NetworkStatus.EGRESS_ENABLED);
  }

  private RunningSandbox run(SandboxFolder folder, SandboxSpec spec, Slot slot, String bootId)
      throws IOException, Monitor.RefusedException {
    long pid = parts.monitor().create(folder);
    ProcessId process = alive(pid);
    ProcessId monitor = alive(Monitor.awaitPid(folder.monitorFile()));
    parts.shares().begin(folder.name());
    parts.diskRate().bound(folder.name(), folder.disk().folder());
    Parallel.run(
        () -> cgroups.adoptMonitor(folder.name(), monitor.pid()),
        () -> parts.launch().start(folder, pid));
    folder.started(new SandboxFolder.Started(process, monitor, bootId));
    return new RunningSandbox(spec.id(), spec.slot(), spec.imageDigest(), slot.guestAddress());
  }

  private static ProcessId alive(long pid) throws IOException {
    return ProcessId.of(pid)
        .orElseThrow(() -> new IOException("process " + pid + " died while it was created"));
  }

  private String ociSpec(
      SandboxFolder folder, SandboxSpec spec, OciSpec.GuestProcess process, Slot slot) {
    var limits =
        new OciSpec.Limits(
            spec.cpu(),
            parts.runtime().memoryLimit(spec.memoryBytes()),
            parts.runtime().processLimit(parts.processes()),
            HostFacts.openFiles(),
            cgroups.boundsSwap());
    var host =
        new OciSpec.Host(
            spec.id().value(),
            slot.namespace().toString(),
            cgroups.pathOf(folder.name()),
            parts.seccomp());
    return new OciSpec(process, limits, host, folder.rootfs().toString(), false).json();
  }

  /** runc says so when it creates, gVisor when it starts. */
  private static SandboxStartException refused(
      Monitor.RefusedException refusal, List<String> args) {
    String message = RuntimeMessage.plain(String.valueOf(refusal.getMessage()));
    boolean program =
        message.contains("exec: \"")
            || message.contains("failed to load")
            || message.contains("error finding executable")
            || message.contains("exec format error")
            || message.contains("exec user process");
    return new SandboxStartException(
        program ? Cause.IMAGE : Cause.HOST,
        (program
                ? "the image's program '" + args.getFirst() + "' cannot be run: "
                : "the runtime cannot start the sandbox: ")
            + RuntimeMessage.shorten(message),
        refusal);
  }
}
