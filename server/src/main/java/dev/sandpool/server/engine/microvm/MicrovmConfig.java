package dev.sandpool.server.engine.microvm;

import dev.sandpool.server.engine.oci.EngineUnavailableException;
import dev.sandpool.server.engine.oci.RememberedTrial;
import dev.sandpool.server.engine.oci.SandboxFolder;
import dev.sandpool.server.engine.oci.Vessel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an operator may choose about virtual machines, and the making of them.
 *
 * @param kernel that guests run
 * @param initramfs with which they begin
 * @param snapshotBytes that all snapshots together may take on the disk
 */
public record MicrovmConfig(
    Optional<Path> kernel, Optional<Path> initramfs, Emulation emulation, long snapshotBytes)
    implements Vessel.Maker {
  private static final long SNAPSHOT_BYTES = 8L << 30;
  private static final String SNAPSHOTS = "snapshots";
  private static final Logger LOG = LoggerFactory.getLogger(MicrovmConfig.class);
  private static final Path KVM = Path.of("/dev/kvm");

  /** One with as much room for snapshots as there is unless an operator says otherwise. */
  public MicrovmConfig(Optional<Path> kernel, Optional<Path> initramfs, Emulation emulation) {
    this(kernel, initramfs, emulation, SNAPSHOT_BYTES);
  }

  /**
   * Deletes what machines would start from, with all that their applications knew.
   *
   * @param dataDir of an engine that runs none from now on
   */
  public static void forgetSnapshots(Path dataDir) throws IOException {
    Snapshots.forget(dataDir.resolve(SNAPSHOTS));
  }

  @Override
  public Vessel make(Vessel.Workshop workshop) throws IOException, EngineUnavailableException {
    MachineParts parts = MachineParts.find(kernel, initramfs);
    Path root = JailRoot.make(workshop.dataDir().resolve("jail"));
    var snapshots =
        new Snapshots(
            workshop.dataDir().resolve(SNAPSHOTS),
            workshop.host().bootId(),
            snapshotBytes,
            InstantSource.system(),
            workshop.bootsInstead());
    List<String> reasons = new ArrayList<>();
    List<Accelerator> candidates = candidates(reasons);
    var remembered =
        new RememberedTrial<>(
            workshop.dataDir().resolve("microvm-probe.json"),
            Accelerator.class,
            workshop.host(),
            List.of(
                RememberedTrial.identity(parts.qemu()),
                RememberedTrial.identity(parts.kernel()),
                RememberedTrial.identity(parts.initramfs()),
                parts.version(),
                candidates));
    // Also what is emulated beside a KVM that does not work, which takes minutes to find out.
    Accelerator accelerator =
        remembered.find(
            () ->
                firstThatWorks(
                    candidates,
                    reasons,
                    candidate -> new MachineVessel(parts, candidate, root, workshop, snapshots)),
            found -> true);
    return new MachineVessel(parts, accelerator, root, workshop, snapshots);
  }

  private static Accelerator firstThatWorks(
      List<Accelerator> candidates,
      List<String> reasons,
      Function<Accelerator, MachineVessel> machines)
      throws EngineUnavailableException {
    for (Accelerator candidate : candidates) {
      Optional<String> failure = machines.apply(candidate).tryOut();
      if (failure.isEmpty()) {
        return candidate;
      }
      LOG.info("no guest boots here with {}: {}", candidate, failure.get());
      reasons.add(candidate + ": " + failure.get());
    }
    throw new EngineUnavailableException(
        "no virtual machine boots on this host (" + String.join("; ", reasons) + ")");
  }

  @Override
  public Map<String, String> parts() throws EngineUnavailableException {
    MachineParts parts = MachineParts.find(kernel, initramfs);
    Map<String, String> found = new LinkedHashMap<>();
    found.put("qemu", parts.version() + ", " + parts.qemu());
    found.put("guest kernel", parts.kernel().toString());
    found.put("guest initramfs", parts.initramfs().toString());
    found.put(
        "kvm",
        Files.exists(KVM) ? KVM + " is there; the trial boots with it" : "there is no " + KVM);
    return found;
  }

  private List<Accelerator> candidates(List<String> reasons) {
    List<Accelerator> candidates = new ArrayList<>();
    if (emulation == Emulation.FORCED) {
      reasons.add("KVM: not tried, engine.microvm.emulation is forced");
    } else if (Files.exists(KVM)) {
      candidates.add(Accelerator.KVM);
    } else {
      reasons.add("KVM: there is no " + KVM);
    }
    if (emulation == Emulation.FORBIDDEN) {
      reasons.add("software emulation: not allowed, see engine.microvm.emulation");
    } else {
      candidates.add(Accelerator.TCG);
    }
    return candidates;
  }

  @Override
  public boolean outOfMemory(SandboxFolder folder) {
    try {
      return GuestReport.read(MachineVessel.note(folder))
              instanceof GuestReport.Ended(boolean outOfMemory)
          && outOfMemory;
    } catch (IOException e) {
      return false;
    }
  }
}
