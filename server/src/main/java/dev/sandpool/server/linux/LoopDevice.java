package dev.sandpool.server.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.sandpool.server.linux.Syscalls.SyscallException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A block device whose content is a file (loop(4)). The kernel frees it with its last user, be that
 * this object or a mount, so that none outlives a killed server.
 */
public final class LoopDevice implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LoopDevice.class);

  /** Of all loop devices (the kernel's devices.txt). */
  private static final int MAJOR = 7;

  private static final Path CONTROL = Path.of("/dev/loop-control");
  private static final Path BLOCK_DEVICES = Path.of("/sys/block");

  // linux/loop.h: requests, struct loop_config and the place of info.lo_flags in it.
  private static final long CONTROL_GET_FREE = 0x4C82;
  private static final long CONFIGURE = 0x4C0A;
  private static final long CONFIG_BYTES = 304;
  private static final long CONFIG_FLAGS = 8 + 52;
  private static final int FLAG_AUTOCLEAR = 4;

  /**
   * The most that is read or written at once, in KiB: the kernel copies what is written to the file
   * at once into one piece of memory, and keeps the processor meanwhile (decision 12).
   */
  private static final String MOST_AT_ONCE = "64";

  /** Others may be quicker to take the device that was free. */
  private static final int ATTEMPTS = 100;

  private final Path path;
  private final int descriptor;

  private LoopDevice(Path path, int descriptor) {
    this.path = path;
    this.descriptor = descriptor;
  }

  /**
   * Makes a file's content a device.
   *
   * @throws IOException also where the host has no loop devices, saying so
   */
  public static LoopDevice attach(Path file) throws IOException {
    int backing = Syscalls.open(file, Syscalls.O_RDWR);
    try {
      return attach(backing);
    } finally {
      Syscalls.close(backing);
    }
  }

  private static LoopDevice attach(int backing) throws IOException {
    if (!Files.exists(CONTROL)) {
      throw new IOException(
          "this host has no loop devices (" + CONTROL + "); load the kernel module 'loop'");
    }
    int control = Syscalls.open(CONTROL, Syscalls.O_RDWR);
    try {
      for (int i = 1; ; i++) {
        int number =
            Syscalls.ioctl(
                control, CONTROL_GET_FREE, MemorySegment.NULL, "looking for a free loop device");
        try {
          return configure(Path.of("/dev/loop" + number), backing);
        } catch (SyscallException e) {
          if (e.errno() != Syscalls.EBUSY || i == ATTEMPTS) {
            throw e;
          }
        }
      }
    } finally {
      Syscalls.close(control);
    }
  }

  private static LoopDevice configure(Path path, int backing) throws IOException {
    int descriptor = Syscalls.open(path, Syscalls.O_RDWR);
    boolean done = false;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment config = arena.allocate(CONFIG_BYTES, Long.BYTES);
      config.set(JAVA_INT, 0, backing);
      config.set(JAVA_INT, CONFIG_FLAGS, FLAG_AUTOCLEAR);
      Syscalls.ioctl(descriptor, CONFIGURE, config, "configuring " + path);
      writeLittleAtOnce(path);
      done = true;
      return new LoopDevice(path, descriptor);
    } finally {
      if (!done) {
        Syscalls.close(descriptor);
      }
    }
  }

  /** Changed but once, as the device keeps it for whoever has it next. */
  private static void writeLittleAtOnce(Path device) {
    Path most = BLOCK_DEVICES.resolve(device.getFileName()).resolve("queue/max_sectors_kb");
    try {
      if (!Files.readString(most).strip().equals(MOST_AT_ONCE)) {
        Files.writeString(most, MOST_AT_ONCE);
      }
    } catch (IOException e) {
      LOG.warn(
          "{} writes as much at once as it likes, and keeps processors meanwhile: {}",
          device,
          e.getMessage());
    }
  }

  /** The files beneath a folder that are the content of a device now, deleted ones too. */
  public static List<Path> filesBeneath(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> devices = Files.newDirectoryStream(BLOCK_DEVICES, "loop*")) {
      for (Path device : devices) {
        try {
          String file = Files.readString(device.resolve("loop/backing_file")).strip();
          Path path = Path.of(file.replaceFirst(" \\(deleted\\)$", ""));
          if (path.startsWith(folder)) {
            files.add(path);
          }
        } catch (NoSuchFileException e) {
          // Not in use, or no longer.
        }
      }
    }
    return files;
  }

  /** {@code MAJOR:MINOR} of the device on which a folder is; empty where that is no such device. */
  public static Optional<String> numberOf(Path folder) throws IOException {
    long device = (long) Files.getAttribute(folder, "unix:dev");
    // makedev(3)
    long major = (device >>> 8 & 0xfff) | (device >>> 32 & ~0xfffL);
    long minor = (device & 0xff) | (device >>> 12 & ~0xffL);
    return major == MAJOR ? Optional.of(major + ":" + minor) : Optional.empty();
  }

  /** Its node, to be mounted. */
  public Path path() {
    return path;
  }

  /** Lets go of it; a mount goes on. */
  @Override
  public void close() throws IOException {
    Syscalls.close(descriptor);
  }
}
