package dev.sandpool.server.engine.microvm;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** The root of all jails: empty places that a jail's mounts go to, and links to the programs. */
final class JailRoot {
  private static final int STICKY_FOR_ALL = 01777;

  private static final List<String> FILES =
      List.of("kernel", "initramfs", "root", "disk", "note", "memory", "state", Jail.PRELOADED);

  private JailRoot() {}

  /** Makes it, or what is missing of it. */
  static Path make(Path folder) throws IOException {
    for (String name : List.of("", "proc", "dev", "tmp", "usr", "vm", "vm/door", "sys")) {
      Path path = Files.createDirectories(folder.resolve(name));
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    // runc gives what it mounts there this folder's own mode.
    Files.setAttribute(folder.resolve("tmp"), "unix:mode", STICKY_FOR_ALL);
    for (String name : FILES) {
      try {
        Files.createFile(folder.resolve("vm").resolve(name));
      } catch (FileAlreadyExistsException e) {
        // Of an earlier start.
      }
    }
    for (String name : List.of("bin", "lib", "lib64")) {
      Path link = folder.resolve(name);
      if (!Files.isSymbolicLink(link)) {
        Files.createSymbolicLink(link, Path.of("usr", name));
      }
    }
    return folder;
  }
}
