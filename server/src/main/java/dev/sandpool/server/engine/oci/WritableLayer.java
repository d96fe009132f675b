package dev.sandpool.server.engine.oci;

import dev.sandpool.server.linux.Syscalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The root file system of one sandbox: the shared image below, its own writes above (overlayfs).
 *
 * <p>A bound of its size would come here: a file system of its own for {@code upper}.
 */
final class WritableLayer {
  private final SandboxFolder folder;

  WritableLayer(SandboxFolder folder) {
    this.folder = folder;
  }

  void create(Path image) throws IOException {
    Path upper = Files.createDirectories(folder.path().resolve("upper"));
    Path work = Files.createDirectories(folder.path().resolve("work"));
    // The guest's root is this folder: everybody may enter it, as in any root.
    Files.setPosixFilePermissions(upper, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createDirectories(folder.rootfs());
    String options =
        "lowerdir=%s,upperdir=%s,workdir=%s".formatted(escape(image), escape(upper), escape(work));
    // Device nodes of a hostile image are dead here; setuid bits are dealt with by noNewPrivileges,
    // and MS_NOSUID would only break images that drop privileges by file capabilities.
    Syscalls.mount("overlay", folder.rootfs(), "overlay", Syscalls.MS_NODEV, options);
  }

  /** Unmounts, mounted or not. */
  void unmount() throws IOException {
    try {
      Syscalls.unmount(folder.rootfs(), 0);
    } catch (Syscalls.SyscallException e) {
      switch (e.errno()) {
        case Syscalls.ENOENT, Syscalls.EINVAL -> {}
        case Syscalls.EBUSY -> Syscalls.unmount(folder.rootfs(), Syscalls.MNT_DETACH);
        default -> throw e;
      }
    }
  }

  /** Commas and colons separate options and layers (overlayfs documentation). */
  private static String escape(Path path) {
    return path.toString().replace("\\", "\\\\").replace(",", "\\,").replace(":", "\\:");
  }
}
