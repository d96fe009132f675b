package dev.sandpool.server.engine.microvm;

import dev.sandpool.model.Isolation;
import dev.sandpool.server.engine.EngineInfo;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.SandboxStartException;
import dev.sandpool.server.engine.SandboxStartException.Cause;
import dev.sandpool.server.engine.oci.HostFacts;
import dev.sandpool.server.engine.oci.SandboxFolder;
import dev.sandpool.server.engine.oci.Vessel;
import dev.sandpool.server.linux.ProcessId;
import dev.sandpool.server.network.Slot;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A virtual machine around the image's process. */
final class MachineVessel implements Vessel {
  private static final Duration DEADLINE = Duration.ofMinutes(3);
  private static final int SEED_BYTES = 32;
  private static final int MACHINE_ID_BYTES = 16;

  /** Above the users that unpack images, and below those that systemd's services take. */
  private static final int FIRST_USER = 0x7020_0000;

  private static final long MIB = 1 << 20;

  /** What the guest's kernel takes: its guest shall have what it was promised. */
  private static final int KERNEL_MEBIBYTES = 72;

  /** One byte of so many the kernel needs to manage the others. */
  private static final int MANAGED = 32;

  private final MachineParts parts;
  private final Accelerator accelerator;
  private final Path root;
  private final Workshop workshop;
  private final Cloning cloning;
  private final SecureRandom random = new SecureRandom();

  MachineVessel(
      MachineParts parts,
      Accelerator accelerator,
      Path root,
      Workshop workshop,
      Snapshots snapshots) {
    this.parts = parts;
    this.accelerator = accelerator;
    this.root = root;
    this.workshop = workshop;
    this.cloning = new Cloning(snapshots, parts, accelerator, workshop);
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
    long memory = mebibytes(cargo.spec().memoryBytes());
    Birth birth = cloning.birth(cargo);
    var files = new HashMap<String, Path>();
    files.put("kernel", parts.kernel());
    files.put("initramfs", parts.initramfs());
    files.put("root", image);
    files.put("disk", folder.disk().image());
    files.put("note", note(folder));
    List<String> writable = new ArrayList<>(List.of("disk", "note"));
    switch (birth) {
      case Birth.Boot boot -> fresh(cargo, user);
      case Birth.Pattern pattern -> {
        fresh(cargo, user);
        files.putAll(cloning.prepare(folder, user, memory * MIB));
        writable.add("memory");
      }
      case Birth.Clone(Snapshot snapshot) -> {
        files.putAll(cloning.prepare(folder, snapshot));
        GuestNote.ofClone(cargo, identity())
            .writeTo(note(folder), user, snapshot.facts().noteBytes());
      }
    }
    GuestFiles.give(folder.disk().image(), user);
    var machine =
        new QemuCommand(
            accelerator, memory, (int) Math.max(1, Math.ceil(cargo.spec().cpu())), birth);
    return new Jail(
            root,
            user,
            Supervisor.around(birth, machine.sandbox(cargo.slot().mac())),
            files,
            writable,
            devices(true),
            bounds(folder, cargo.slot(), memory))
        .json();
  }

  private void fresh(Cargo cargo, int user) throws IOException {
    workshop.disk().writeTo(cargo.folder().disk().image());
    GuestNote.of(cargo, identity(), HostFacts.openFiles(), workshop.bounds().processes())
        .writeTo(note(cargo.folder()), user);
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

  /** By the address, which one sandbox of the host has at a time, whichever server made it. */
  private static int user(Slot slot) {
    byte[] address = Inet4Address.ofLiteral(slot.guestAddress()).getAddress();
    return FIRST_USER
        + ((address[1] & 0xff) << 16 | (address[2] & 0xff) << 8 | (address[3] & 0xff));
  }

  private GuestNote.Identity identity() {
    return new GuestNote.Identity(digits(SEED_BYTES), digits(MACHINE_ID_BYTES), UUID.randomUUID());
  }

  private String digits(int bytes) {
    byte[] drawn = new byte[bytes];
    random.nextBytes(drawn);
    return HexFormat.of().formatHex(drawn);
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
        case GuestReport.Frozen frozen ->
            throw new IOException("the guest is frozen before it was asked to be");
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
                GuestNote.trial(digits(SEED_BYTES)).writeTo(note(folder), user);
                long memory = mebibytes(64 * MIB);
                return new Jail(
                        root,
                        user,
                        Supervisor.around(
                            new Birth.Boot(),
                            new QemuCommand(accelerator, memory, 1, new Birth.Boot()).trial()),
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
                  case GuestReport.Frozen frozen -> Optional.of("it froze");
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
  public boolean isPattern(SandboxFolder folder) {
    return Cloning.isPattern(folder);
  }

  @Override
  public void capture(SandboxFolder folder, ProcessId process) throws IOException {
    cloning.capture(folder, process);
  }

  @Override
  public void keep(Cargo cargo, @Nullable IOException failure) {
    cloning.keep(cargo, failure);
  }

  @Override
  public void retainSnapshots(Set<String> names) throws IOException {
    cloning.snapshots().retain(names);
  }

  @Override
  public boolean abandonSnapshot(SandboxSpec spec, SandboxFolder folder, Exception failure) {
    return cloning.abandon(spec, folder, failure);
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
