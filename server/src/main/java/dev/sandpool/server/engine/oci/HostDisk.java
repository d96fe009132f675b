package dev.sandpool.server.engine.oci;

import dev.sandpool.server.engine.SandboxStartException;
import dev.sandpool.server.engine.SandboxStartException.Cause;
import dev.sandpool.server.linux.BoundedDisk;
import dev.sandpool.server.linux.EmptyDisk;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The disk of the host on which sandboxes have theirs. Theirs are sparse and together may be larger
 * than it, so that none starts where it is nearly full.
 *
 * @param content of a fresh disk
 * @param folder on the host's disk
 */
record HostDisk(EmptyDisk content, Path folder, long floorBytes) {
  /**
   * Makes the content and tries it out.
   *
   * @throws IOException saying in one sentence what this host lacks
   */
  static HostDisk open(Path folder, OciEngineConfig.Disk bounds) throws IOException {
    EmptyDisk content =
        EmptyDisk.make(folder.resolve("empty-disk"), bounds.bytes(), bounds.files());
    var trial = new BoundedDisk(folder.resolve("trial-disk"), folder.resolve("trial"));
    try {
      trial.remove();
      trial.create(content);
    } catch (IOException e) {
      throw new IOException(
          "this host cannot bound what a sandbox writes (ext4 on a loop device is needed): "
              + e.getMessage(),
          e);
    } finally {
      trial.remove();
    }
    return new HostDisk(content, folder, bounds.hostFloor());
  }

  void requireRoom() throws SandboxStartException {
    long free = folder.toFile().getUsableSpace();
    if (free < floorBytes) {
      throw new SandboxStartException(
          Cause.HOST,
          "host is full: %d MiB of the disk under %s are free, and %d MiB (limits.host.freeDisk) stay free"
              .formatted(free >> 20, folder, floorBytes >> 20));
    }
  }
}
