package dev.sandpool.server.engine.oci;

import dev.sandpool.server.linux.Command;
import dev.sandpool.server.linux.MountTree;
import dev.sandpool.server.linux.Syscalls;
import dev.sandpool.server.linux.UserNamespace;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/**
 * A file system in a sparse file, which holds one unpacked image: however much a layer unpacks to,
 * it ends here. Takes on the host's disk what is in it.
 *
 * @param file its content
 * @param mount where it is mounted while it is in use
 */
record RootDisk(Path file, Path mount) {
  private static final long BYTES_PER_FILE = 8 << 10;
  private static final String HARMLESS = "nosuid,nodev,noatime";

  /**
   * Makes it and mounts it for writing.
   *
   * @param files at most; on a small disk fewer, as each takes room of it
   */
  void create(long bytes, long files) throws IOException {
    Files.createDirectories(mount);
    Command.require(List.of("truncate", "-s", Long.toString(bytes), file.toString()), "");
    Command.require(
        List.of(
            "mkfs.ext4",
            "-q",
            "-F",
            "-m",
            "0",
            "-O",
            "^has_journal",
            "-E",
            "lazy_itable_init=1,nodiscard",
            "-N",
            Long.toString(Math.min(files, bytes / BYTES_PER_FILE)),
            file.toString()),
        "");
    // Without noinit_itable the kernel would fill in the tables of all files that might come.
    mount("loop,rw,noinit_itable," + HARMLESS);
    Files.delete(mount.resolve("lost+found"));
  }

  /** Mounts it for reading, mounted already or not. */
  void open() throws IOException {
    if (!mounted()) {
      Files.createDirectories(mount);
      mount("loop,ro," + HARMLESS);
    }
  }

  private void mount(String options) throws IOException {
    Command.require(
        List.of("mount", "-t", "ext4", "-o", options, file.toString(), mount.toString()), "");
  }

  /** Shows it at {@code view}, where its files' owners are those users. */
  void showTo(UserNamespace users, Path view) throws IOException {
    Files.createDirectories(view);
    MountTree.mountTranslated(mount, view, users);
  }

  /** Ends {@link #showTo}. */
  void hide(Path view) throws IOException {
    unmount(view);
    Files.deleteIfExists(view);
  }

  /** Unmounts it, mounted or not; sandboxes that began with it keep it. */
  void close() throws IOException {
    unmount(mount);
  }

  /** The unpacked image in it. */
  Path rootfs() {
    return mount.resolve("rootfs");
  }

  long usedBytes() throws IOException {
    FileStore store = Files.getFileStore(mount);
    return store.getTotalSpace() - store.getUnallocatedSpace();
  }

  /** Also whether what was unpacked is a folder, and no link to one of the host. */
  boolean mounted() {
    return Files.isDirectory(rootfs(), LinkOption.NOFOLLOW_LINKS);
  }

  private static void unmount(Path where) throws IOException {
    try {
      Syscalls.unmount(where, Syscalls.MNT_DETACH);
    } catch (Syscalls.SyscallException e) {
      if (e.errno() != Syscalls.ENOENT && e.errno() != Syscalls.EINVAL) {
        throw e;
      }
    }
  }
}
