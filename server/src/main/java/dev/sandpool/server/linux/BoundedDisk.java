package dev.sandpool.server.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A folder with room for so many bytes and files and no more: a file system of its own in a sparse
 * file. Who fills it gets ENOSPC, and nobody else does as long as the host's disk has room.
 *
 * <p>What is in it is lost with the power: nothing waits for the host's disk, however often a
 * process inside asks for that.
 *
 * @param image the file that holds it
 * @param folder where it is mounted
 */
public record BoundedDisk(Path image, Path folder) {
  /**
   * {@code noinit_itable}: the kernel would otherwise write all inode tables of the sparse file;
   * {@code discard}: what is deleted inside is room again outside.
   */
  private static final String OPTIONS = "noinit_itable,nobarrier,discard,errors=remount-ro";

  private static final long FLAGS = Syscalls.MS_NOSUID | Syscalls.MS_NODEV | Syscalls.MS_NOATIME;

  /**
   * Makes and mounts it; if that fails, {@link #remove} takes away what is there.
   *
   * @throws IOException also if either is there already
   */
  public void create(EmptyDisk content) throws IOException {
    content.writeTo(image);
    Files.createDirectory(folder);
    try (LoopDevice device = LoopDevice.attach(image)) {
      Syscalls.mount(device.path().toString(), folder, "ext4", FLAGS, OPTIONS);
    }
  }

  /** Unmounts and deletes it with all that is in it, whatever there is of it. */
  public void remove() throws IOException {
    unmount(folder);
    // First the file: its pages need not be written then.
    Files.deleteIfExists(image);
    Files.deleteIfExists(folder);
  }

  /** Unmounts, mounted or not; what is still in use vanishes from sight and ends with its user. */
  public static void unmount(Path folder) throws IOException {
    try {
      Syscalls.unmount(folder, 0);
    } catch (Syscalls.SyscallException e) {
      switch (e.errno()) {
        case Syscalls.ENOENT, Syscalls.EINVAL -> {}
        case Syscalls.EBUSY -> Syscalls.unmount(folder, Syscalls.MNT_DETACH);
        default -> throw e;
      }
    }
  }
}
