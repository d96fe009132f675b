package dev.sandpool.server.image;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How the image store works.
 *
 * @param directory holds everything, made if it is not there; on a disk, as images are large
 * @param registries what the operator says of them
 * @param minFreeBytes of the directory's file system that no pull may take, 0 or more
 * @param architecture of this host in OCI's words, {@code amd64}
 * @param tools the programs that do the work
 */
public record ImageStoreSettings(
    Path directory, Registries registries, long minFreeBytes, String architecture, Tools tools) {
  /** What a disk keeps free of images. */
  public static final long DEFAULT_MIN_FREE_BYTES = 256L << 20;

  public ImageStoreSettings {
    directory = directory.toAbsolutePath().normalize();
  }

  /** A store there with the documented defaults. */
  public static ImageStoreSettings defaults(Path directory) {
    return new ImageStoreSettings(
        directory, Registries.NONE, DEFAULT_MIN_FREE_BYTES, hostArchitecture(), Tools.defaults());
  }

  /** This host's architecture in OCI's words. */
  public static String hostArchitecture() {
    String arch = System.getProperty("os.arch");
    return arch.equals("aarch64") ? "arm64" : arch;
  }

  /**
   * The programs that do the work, and how long they may take.
   *
   * @param skopeo name on the PATH, or path
   * @param askDeadline for one question to a registry
   * @param workDeadline for copying one image
   */
  public record Tools(String skopeo, Duration askDeadline, Duration workDeadline) {
    /** As Debian has them; a minute to ask, half an hour to copy. */
    public static Tools defaults() {
      return new Tools("skopeo", Duration.ofMinutes(1), Duration.ofMinutes(30));
    }
  }
}
