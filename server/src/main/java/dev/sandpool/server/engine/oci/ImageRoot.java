package dev.sandpool.server.engine.oci;

import dev.sandpool.server.image.StoredImage.ImageConfig;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An unpacked image that sandboxes can be started from.
 *
 * @param rootfs its files, never written to
 * @param disk the file system that it lies in as {@code /rootfs}, as a file that nobody writes to;
 *     empty where it is only a folder
 * @param config what the image says about running it
 */
public record ImageRoot(Path rootfs, Optional<Path> disk, ImageConfig config) {
  /** One that is only a folder. */
  public ImageRoot(Path rootfs, ImageConfig config) {
    this(rootfs, Optional.empty(), config);
  }

  /** Where the engine finds images. */
  @FunctionalInterface
  public interface Finder {
    /** The unpacked image of that digest. */
    Optional<ImageRoot> find(String digest);
  }
}
