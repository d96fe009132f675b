package dev.sandpool.server.engine.microvm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Files on the host that one machine's monitor alone may write to. */
final class GuestFiles {
  private GuestFiles() {}

  /** Makes an empty one. */
  static void create(Path file, int owner) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    give(file, owner);
  }

  /** Gives one away that is there. */
  static void give(Path file, int owner) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Files.setAttribute(file, "unix:uid", owner);
    Files.setAttribute(file, "unix:gid", owner);
  }
}
