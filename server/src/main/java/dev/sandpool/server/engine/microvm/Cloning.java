package dev.sandpool.server.engine.microvm;

import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.oci.HostFacts;
import dev.sandpool.server.engine.oci.SandboxFolder;
import dev.sandpool.server.engine.oci.Vessel;
import dev.sandpool.server.linux.ProcessId;
import dev.sandpool.server.linux.Syscalls;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Starts machines as clones of one that was ready: the first of a kind boots, is frozen when it is
 * ready, and its memory is what the others begin with, each with private copies of the pages that
 * it changes.
 */
final class Cloning {
  /**
   * How long another one's boot and the application's start are waited for. Who waits holds one of
   * the places at which sandboxes start, which pools share.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** In a clone's folder, with the key of its snapshot. */
  private static final String ORIGIN = "snapshot";

  private static final Duration CAPTURE = Duration.ofMinutes(2);

  private final Snapshots snapshots;
  private final MachineParts parts;
  private final Accelerator accelerator;
  private final Vessel.Workshop workshop;

  Cloning(
      Snapshots snapshots, MachineParts parts, Accelerator accelerator, Vessel.Workshop workshop) {
    this.snapshots = snapshots;
    this.parts = parts;
    this.accelerator = accelerator;
    this.workshop = workshop;
  }

  Snapshots snapshots() {
    return snapshots;
  }

  /** How a sandbox's machine begins. Waits while another one is about to become its pattern. */
  Birth birth(Vessel.Cargo cargo) {
    String name = cargo.spec().snapshot();
    // What asks for tokens was told where and with which password when it started.
    if (name == null || cargo.spec().identity() || parts.preloaded().isEmpty()) {
      return new Birth.Boot();
    }
    String key = key(cargo);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      Optional<Birth> birth = snapshots.birth(key, name, cargo.folder().path());
      if (birth.isPresent()) {
        return birth.get();
      }
      LockSupport.parkNanos(10_000_000);
    }
    return new Birth.Boot();
  }

  /** Two machines of one key differ in nothing but who they are. */
  String key(Vessel.Cargo cargo) {
    String common =
        Stream.of(
                "1",
                cargo.spec().snapshot(),
                parts.version(),
                identity(parts.qemu()),
                identity(parts.kernel()),
                identity(parts.initramfs()),
                accelerator.name(),
                workshop.host().bootId(),
                cargo.spec().imageDigest(),
                cargo.spec().cpu(),
                cargo.spec().network(),
                workshop.bounds().disk().bytes(),
                GuestNote.work(cargo, HostFacts.openFiles(), workshop.bounds().processes())
                    .without("env", "HOSTNAME=" + cargo.spec().id().value()))
            .map(String::valueOf)
            .collect(Collectors.joining("\n"));
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(common.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String identity(Path path) {
    return path + ":" + path.toFile().length() + ":" + path.toFile().lastModified();
  }

  /** Makes what a pattern has beside what others have, and answers its files by their names. */
  Map<String, Path> prepare(SandboxFolder folder, int user, long memoryBytes) throws IOException {
    Path memory = memory(folder);
    GuestFiles.create(memory, user);
    try (var file = new RandomAccessFile(memory.toFile(), "rw")) {
      file.setLength(memoryBytes);
    }
    return Map.of("memory", memory, "door", Files.createDirectory(door(folder)));
  }

  /** Makes what a clone has of its snapshot, and answers its files by their names. */
  Map<String, Path> prepare(SandboxFolder folder, Snapshot snapshot) throws IOException {
    Files.writeString(folder.path().resolve(ORIGIN), snapshot.folder().getFileName().toString());
    SnapshotFiles.copy(snapshot.disk(), folder.disk().image());
    return Map.of(
        "memory",
        snapshot.memory(),
        "state",
        snapshot.state(),
        Jail.PRELOADED,
        parts.preloaded().orElseThrow());
  }

  /** Drops the snapshot that a failed start began with; whether it did. */
  boolean abandon(SandboxSpec spec, SandboxFolder folder, Exception failure) {
    try {
      String key = Files.readString(folder.path().resolve(ORIGIN));
      String name = String.valueOf(spec.snapshot());
      snapshots.abandon(
          key, name, "a clone of its snapshot does not start: " + failure.getMessage());
      return true;
    } catch (IOException none) {
      return false;
    }
  }

  static Path memory(SandboxFolder folder) {
    return folder.path().resolve("memory");
  }

  static Path door(SandboxFolder folder) {
    return folder.path().resolve("door");
  }

  /** Whether it was started as a pattern and has not been captured. */
  static boolean isPattern(SandboxFolder folder) {
    return Files.exists(memory(folder));
  }

  /** Freezes the guest and takes its devices' state; its monitor changes its memory no more. */
  void capture(SandboxFolder folder, ProcessId process) throws IOException {
    long deadline = System.nanoTime() + CAPTURE.toNanos();
    Syscalls.kill(process.pid(), Syscalls.SIGUSR1);
    while (!(GuestReport.read(MachineVessel.note(folder)) instanceof GuestReport.Frozen)) {
      if (!process.alive() || System.nanoTime() > deadline) {
        throw new IOException(
            "the guest does not freeze: " + GuestReport.read(MachineVessel.note(folder)));
      }
      LockSupport.parkNanos(1_000_000);
    }
    try (StateDoor door = StateDoor.open(door(folder))) {
      Syscalls.kill(process.pid(), Syscalls.SIGUSR2);
      door.take(
          folder.path().resolve("state"), () -> !process.alive() || System.nanoTime() > deadline);
    }
  }

  /**
   * Makes a snapshot of what is captured and dead.
   *
   * @param failure why it could not be captured, or null
   */
  void keep(Vessel.Cargo cargo, @Nullable IOException failure) {
    String key = key(cargo);
    String name = String.valueOf(cargo.spec().snapshot());
    try {
      if (failure != null) {
        throw failure;
      }
      snapshots.keep(key, name, cargo.folder().path());
    } catch (IOException e) {
      snapshots.refuse(key, name, "no snapshot can be made: " + e.getMessage());
    }
  }
}
