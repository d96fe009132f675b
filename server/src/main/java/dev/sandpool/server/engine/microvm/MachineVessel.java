package dev.sandpool.server.engine.microvm;

import dev.sandpool.model.Isolation;
import dev.sandpool.server.engine.EngineInfo;
import dev.sandpool.server.engine.SandboxStartException;
import dev.sandpool.server.engine.SandboxStartException.Cause;
import dev.sandpool.server.engine.oci.HostFacts;
import dev.sandpool.server.engine.oci.SandboxFolder;
import dev.sandpool.server.engine.oci.Vessel;
import dev.sandpool.server.linux.ProcessId;
import dev.sandpool.server.network.Slot;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;

/** A virtual machine around the image's process. */
final class MachineVessel implements Vessel {
  private static final Duration DEADLINE = Duration.ofMinutes(3);
  private static final int SEED_BYTES = 32;

  /** Above the users that unpack images, and below those that systemd's services take. */
  private static final int FIRST_USER = 0x7020_0000;

  private static final int USERS = 1 << 16;
  private static final long MIB = 1 << 20;

  /** What the guest's kernel takes: its guest shall have what it was promised. */
  private static final int KERNEL_MEBIBYTES = 72;

  /** One byte of so many the kernel needs to manage the others. */
  private static final int MANAGED = 32;

  private final MachineParts parts;
  private final Accelerator accelerator;
  private final Path root;
  private final Workshop workshop;
  private final SecureRandom random = new SecureRandom();

  MachineVessel(MachineParts parts, Accelerator accelerator, Path root, Workshop workshop) {
    this.parts = parts;
    this.accelerator = accelerator;
    this.root = root;
    this.workshop = workshop;
  }

  /** Where a machine finds what it shall run, and says how that went. */
  static Path note(SandboxFolder folder) {
    return folder.path().resolve("note");
  }

  @Override
  public String prepare(Cargo cargo) throws IOException, SandboxStartException {
    SandboxFolder folder = cargo.folder();
    Path image =
        cargo
            .image()
            .disk()
            .orElseThrow(
                () ->
                    new SandboxStartException(
                        Cause.HOST, "the image is no file system that a machine can be given"));
    int user = user(cargo.slot());
    workshop.disk().writeTo(folder.disk().image());
    GuestFiles.give(folder.disk().image(), user);
    GuestNote.of(cargo, seed(), HostFacts.openFiles(), workshop.bounds().processes())
        .writeTo(note(folder), user);
    long memory = mebibytes(cargo.spec().memoryBytes());
    var machine =
        new QemuCommand(accelerator, memory, (int) Math.max(1, Math.ceil(cargo.spec().cpu())));
    return new Jail(
            root,
            user,
            Supervisor.around(machine.sandbox(cargo.slot().mac())),
            Map.of(
                "kernel",
                parts.kernel(),
                "initramfs",
                parts.initramfs(),
                "root",
                image,
                "disk",
                folder.disk().image(),
                "note",
                note(folder)),
            List.of("disk", "note"),
            devices(true),
            bounds(folder, cargo.slot(), memory))
        .json();
  }

  private static long mebibytes(long guestBytes) {
    return KERNEL_MEBIBYTES + (guestBytes + guestBytes / MANAGED + MIB - 1) / MIB;
  }

  private List<Jail.Device> devices(boolean network) {
    List<Jail.Device> tun = network ? List.of(Jail.Device.TUN) : List.of();
    if (accelerator.emulates()) {
      return tun;
    }
    return network ? List.of(Jail.Device.TUN, Jail.Device.KVM) : List.of(Jail.Device.KVM);
  }

  private Jail.Bounds bounds(SandboxFolder folder, Slot slot, long machineMebibytes) {
    return new Jail.Bounds(
        (machineMebibytes + accelerator.monitorMebibytes()) * MIB,
        workshop.bounds().disk().bytes(),
        workshop.cgroups().boundsSwap(),
        workshop.cgroups().pathOf(folder),
        slot.namespace().toString(),
        workshop.seccomp());
  }

  /** One that no other sandbox of this host has: addresses are claimed by one server each. */
  private static int user(Slot slot) {
    String[] bytes = slot.guestAddress().split("\\.");
    return FIRST_USER + (Integer.parseInt(bytes[2]) << 8 | Integer.parseInt(bytes[3])) % USERS;
  }

  private String seed() {
    byte[] seed = new byte[SEED_BYTES];
    random.nextBytes(seed);
    return HexFormat.of().formatHex(seed);
  }

  @Override
  public void awaitRunning(Cargo cargo, ProcessId process)
      throws IOException, SandboxStartException {
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    while (true) {
      // Asked before the note, so that what it wrote at its end is not missed.
      boolean alive = process.alive();
      switch (GuestReport.read(note(cargo.folder()))) {
        case GuestReport.Running running -> {
          return;
        }
        case GuestReport.Ended ended -> {
          return;
        }
        case GuestReport.Refused refused -> throw refused(cargo, refused);
        case GuestReport.Broken broken ->
            throw new IOException("the guest is not made ready: " + broken.why());
        case GuestReport.Silent silent -> {
          if (!alive) {
            throw new IOException(
                "the virtual machine ended before it ran anything: " + cargo.folder().lastOutput());
          }
        }
      }
      if (System.nanoTime() > deadline) {
        throw new IOException("the virtual machine does not run within " + DEADLINE);
      }
      LockSupport.parkNanos(5_000_000);
    }
  }

  private static SandboxStartException refused(Cargo cargo, GuestReport.Refused refusal) {
    return refusal.image()
        ? new SandboxStartException(
            Cause.IMAGE,
            "the image's program '%s' cannot be run: %s"
                .formatted(cargo.process().args().getFirst(), refusal.why()))
        : new SandboxStartException(
            Cause.HOST, "the guest cannot run the program: " + refusal.why());
  }

  /** Why no guest boots with this accelerator here; nothing where one does. */
  Optional<String> tryOut() {
    return workshop
        .trial()
        .run(
            new Experiment() {
              @Override
              public String prepare(SandboxFolder folder, Slot slot) throws IOException {
                int user = user(slot);
                GuestNote.trial(seed()).writeTo(note(folder), user);
                long memory = mebibytes(64 * MIB);
                return new Jail(
                        root,
                        user,
                        Supervisor.around(new QemuCommand(accelerator, memory, 1).trial()),
                        Map.of(
                            "kernel",
                            parts.kernel(),
                            "initramfs",
                            parts.initramfs(),
                            "note",
                            note(folder)),
                        List.of("note"),
                        devices(false),
                        bounds(folder, slot, memory))
                    .json();
              }

              @Override
              public Optional<String> judge(SandboxFolder folder, int exitCode, String output)
                  throws IOException {
                return switch (GuestReport.read(note(folder))) {
                  case GuestReport.Running running -> Optional.empty();
                  case GuestReport.Broken broken -> Optional.of(broken.why());
                  case GuestReport.Refused refused -> Optional.of(refused.why());
                  case GuestReport.Ended ended -> Optional.of("it ended too early");
                  case GuestReport.Silent silent ->
                      Optional.of(
                          "QEMU ended (%d) before the guest said anything: %s"
                              .formatted(exitCode, output.strip()));
                };
              }
            },
            accelerator.trial());
  }

  @Override
  public OptionalInt tapOwner(Slot slot) {
    return OptionalInt.of(user(slot));
  }

  @Override
  public boolean rootOnHost() {
    return false;
  }

  @Override
  public boolean boundsCpuLate() {
    return true;
  }

  @Override
  public EngineInfo info(int slots) {
    return new EngineInfo(
        "microvm",
        Isolation.MICROVM,
        "QEMU %s (%s)"
            .formatted(parts.version(), accelerator.emulates() ? "software emulation" : "KVM"),
        accelerator.emulates(),
        (KERNEL_MEBIBYTES + accelerator.monitorMebibytes()) * MIB,
        slots);
  }
}
