package dev.sandpool.server.engine.oci;

import dev.sandpool.model.Isolation;
import dev.sandpool.model.NetworkStatus;
import dev.sandpool.server.engine.IdentityDoor;
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
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Starts one sandbox, step by step; what a failed step leaves is the caller's to remove. */
final class SandboxStart {
  private final SandboxFolders folders;
  private final Cgroups cgroups;
  private final SandboxNetwork network;
  private final Parts parts;

  /** What differs between runtimes. */
  record Parts(
      Monitor monitor,
      Launch launch,
      HostDisk disk,
      DiskRate diskRate,
      ProcessorShares shares,
      Vessel vessel) {}

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
              spec.slot(), spec.imageDigest(), slot.guestAddress(), slot.egress(), door(spec)));
      var cargo = new Vessel.Cargo(folder, spec, image, process, slot, network.resolvers(slot));
      Parallel.run(() -> make(slot), () -> prepareFiles(cargo));
      return run(cargo, bootId);
    } catch (Monitor.RefusedException e) {
      throw refused(e, process.args());
    } catch (IOException | IllegalArgumentException e) {
      throw new SandboxStartException(Cause.HOST, "cannot start the sandbox: " + e.getMessage(), e);
    }
  }

  /**
   * Makes a snapshot of a pattern and frees all of it but its output, whatever comes of it.
   *
   * @throws IOException if something of it is left
   */
  void capture(SandboxFolder folder, SandboxSpec spec, ImageRoot image, Removal removal)
      throws IOException, SandboxStartException {
    Slot slot = slot(folder, spec);
    var cargo =
        new Vessel.Cargo(
            folder, spec, image, Guest.process(image, spec), slot, network.resolvers(slot));
    IOException failure = null;
    try {
      parts
          .vessel()
          .capture(
              folder,
              folder
                  .started()
                  .map(SandboxFolder.Started::process)
                  .orElseThrow(() -> new IOException("it has not been started to the end")));
    } catch (IOException e) {
      failure = e;
    }
    folder.markStopping();
    removal.kill(folder);
    parts.vessel().keep(cargo, failure);
    removal.clear(folder);
  }

  private void make(Slot slot) throws IOException {
    OptionalInt tapOwner = parts.vessel().tapOwner(slot);
    if (tapOwner.isPresent()) {
      network.createForMachine(slot, tapOwner.getAsInt());
    } else {
      network.create(slot);
    }
  }

  private void prepareFiles(Vessel.Cargo cargo) throws IOException, SandboxStartException {
    Files.writeString(cargo.folder().path().resolve("config.json"), parts.vessel().prepare(cargo));
  }

  private Slot slot(SandboxFolder folder, SandboxSpec spec) {
    boolean egress = spec.network() == NetworkStatus.EGRESS_ENABLED;
    return network.slot(folder.name(), spec.slot(), egress, spec.identity());
  }

  private @Nullable IdentityDoor door(SandboxSpec spec) {
    return spec.identity() ? IdentityDoor.of(network.identityDoor(spec.slot())) : null;
  }

  private RunningSandbox run(Vessel.Cargo cargo, String bootId)
      throws IOException, Monitor.RefusedException, SandboxStartException {
    SandboxFolder folder = cargo.folder();
    parts.shares().announce(folder.name());
    long pid = parts.monitor().create(folder);
    ProcessId process = alive(pid);
    ProcessId monitor = alive(Monitor.awaitPid(folder.monitorFile()));
    parts.shares().begin(folder.name());
    parts.diskRate().bound(folder.name(), folder.disk().folder());
    Parallel.run(
        () -> cgroups.adoptMonitor(folder.name(), monitor.pid()),
        () -> parts.launch().start(folder, pid));
    parts.vessel().awaitRunning(cargo, process);
    SandboxSpec spec = cargo.spec();
    if (parts.vessel().boundsCpuLate()) {
      cgroups.boundCpu(folder.name(), spec.cpu());
      parts.shares().begin(folder.name());
    }
    Isolation isolation = parts.vessel().info(network.slots()).isolation();
    folder.started(new SandboxFolder.Started(process, monitor, bootId, isolation));
    return new RunningSandbox(
        spec.id(),
        spec.slot(),
        spec.imageDigest(),
        cargo.slot().guestAddress(),
        door(spec),
        isolation);
  }

  private static ProcessId alive(long pid) throws IOException {
    return ProcessId.of(pid)
        .orElseThrow(() -> new IOException("process " + pid + " died while it was created"));
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
