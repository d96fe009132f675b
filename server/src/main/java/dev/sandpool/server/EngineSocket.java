package dev.sandpool.server;

import dev.sandpool.model.InstanceId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Where the two parts of one server meet: {@code /run/sandpool/PREFIX/engine}. */
record EngineSocket(Path path) {
  private static final Path RUN = Path.of("/run/sandpool");

  static EngineSocket of(InstanceId instance) {
    return new EngineSocket(RUN.resolve(instance.prefix()).resolve("engine"));
  }

  /** Makes its folder, which the server may enter and not change. */
  EngineSocket prepare() throws IOException {
    Path folder = Files.createDirectories(path.resolveSibling(""));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    return this;
  }

  /** Removes its folder; the last one of the host's servers also that of all. */
  void remove() throws IOException {
    Files.deleteIfExists(path);
    Files.deleteIfExists(path.resolveSibling(""));
    try {
      Files.deleteIfExists(RUN);
    } catch (java.nio.file.DirectoryNotEmptyException e) {
      // Another server's are there.
      return;
    }
  }
}
