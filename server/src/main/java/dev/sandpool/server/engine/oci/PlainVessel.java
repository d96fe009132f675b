package dev.sandpool.server.engine.oci;

import dev.sandpool.server.engine.EngineInfo;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.linux.EmptyDisk;
import dev.sandpool.server.linux.ProcessId;
import dev.sandpool.server.network.Slot;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.node.ObjectNode;

/**
 * The image's own process, run by the runtime on a root that is mounted on the host.
 *
 * @param disk content of a fresh disk
 * @param processes of the guest at most
 * @param seccomp the filter, where the guest shares the host's kernel
 */
record PlainVessel(
    OciRuntime runtime,
    EmptyDisk disk,
    int processes,
    Cgroups cgroups,
    Optional<ObjectNode> seccomp)
    implements Vessel {
  @Override
  public String prepare(Cargo cargo) throws IOException {
    SandboxFolder folder = cargo.folder();
    new WritableLayer(folder).create(cargo.image().rootfs(), disk);
    var files = new RootfsFiles(folder.rootfs());
    files.write(cargo.spec().id().value(), cargo.slot().guestAddress(), cargo.resolvers());
    files.makeFolder(cargo.process().cwd());
    if (runtime.gvisor()) {
      files.occupyTmp();
    }
    return spec(cargo).json();
  }

  private OciSpec spec(Cargo cargo) {
    SandboxSpec spec = cargo.spec();
    var limits =
        new OciSpec.Limits(
            spec.cpu(),
            runtime.memoryLimit(spec.memoryBytes()),
            runtime.processLimit(processes),
            HostFacts.openFiles(),
            cgroups.boundsSwap());
    var host =
        new OciSpec.Host(
            spec.id().value(),
            cargo.slot().namespace().toString(),
            cgroups.pathOf(cargo.folder().name()),
            seccomp);
    return new OciSpec(
        cargo.process(),
        limits,
        host,
        cargo.folder().rootfs().toString(),
        /* readonlyRoot= */ false);
  }

  /** The runtime's start is the process's. */
  @Override
  public void awaitRunning(Cargo cargo, ProcessId process) {}

  @Override
  public OptionalInt tapOwner(Slot slot) {
    return OptionalInt.empty();
  }

  @Override
  public boolean rootOnHost() {
    return true;
  }

  @Override
  public boolean boundsCpuLate() {
    return false;
  }

  @Override
  public EngineInfo info(int slots) {
    return new EngineInfo(
        "oci", runtime.isolation(), runtime.description(), runtime.overheadBytes(), slots);
  }
}
