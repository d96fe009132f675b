package dev.sandpool.server;

import dev.sandpool.model.InstanceId;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Where the two parts of one server meet: {@code /run/sandpool/PREFIX/engine}. */
record EngineSocket(Path path) {
  private static final Path RUN = Path.of("/run/sandpool");

  static EngineSocket of(InstanceId instance) {
    return new EngineSocket(RUN.resolve(instance.prefix()).resolve("engine"));
  }

  /** The folder that is the server's own until the next boot. */
  Path serversOwn() {
    return path.resolveSibling("server");
  }

  /** Makes its folder, which the server may enter and not change, and the server's own in it. */
  EngineSocket prepare(ServerUser user) throws IOException {
    Path folder = Files.createDirectories(path.resolveSibling(""));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    if (!Files.isDirectory(serversOwn())) {
      Files.createDirectory(serversOwn());
    }
    Files.setPosixFilePermissions(serversOwn(), PosixFilePermissions.fromString("rwx------"));
    user.give(serversOwn());
    return this;
  }

  /** Removes it, and the folders that nothing is left in. */
  void remove() throws IOException {
    Files.deleteIfExists(path);
    try {
      Files.deleteIfExists(serversOwn());
      Files.deleteIfExists(path.resolveSibling(""));
      Files.deleteIfExists(RUN);
    } catch (DirectoryNotEmptyException e) {
      // What the server needs when it comes back, or another server's.
      return;
    }
  }
}
