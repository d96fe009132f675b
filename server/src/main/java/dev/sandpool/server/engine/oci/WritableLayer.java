package dev.sandpool.server.engine.oci;

import dev.sandpool.server.linux.BoundedDisk;
import dev.sandpool.server.linux.EmptyDisk;
import dev.sandpool.server.linux.Syscalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The root file system of one sandbox: the shared image below, its own writes above (overlayfs), on
 * a disk of its own that bounds them.
 */
final class WritableLayer {
  private final SandboxFolder folder;

  WritableLayer(SandboxFolder folder) {
    this.folder = folder;
  }

  void create(Path image, EmptyDisk content) throws IOException {
    BoundedDisk disk = folder.disk();
    disk.create(content);
    Path upper = Files.createDirectory(disk.folder().resolve("upper"));
    Path work = Files.createDirectory(disk.folder().resolve("work"));
    // The guest's root is this folder: everybody may enter it, as in any root.
    Files.setPosixFilePermissions(upper, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createDirectories(folder.rootfs());
    String options =
        "lowerdir=%s,upperdir=%s,workdir=%s".formatted(escape(image), escape(upper), escape(work));
    // Device nodes of a hostile image are dead here; setuid bits are dealt with by noNewPrivileges,
    // and MS_NOSUID would only break images that drop privileges by file capabilities.
    Syscalls.mount("overlay", folder.rootfs(), "overlay", Syscalls.MS_NODEV, options);
  }

  /** Takes it away with all that was written, whatever there is of it. */
  void remove() throws IOException {
    BoundedDisk.unmount(folder.rootfs());
    folder.disk().remove();
  }

  /** Commas and colons separate options and layers (overlayfs documentation). */
  private static String escape(Path path) {
    return path.toString().replace("\\", "\\\\").replace(",", "\\,").replace(":", "\\:");
  }
}
