package dev.sandpool.server.engine.oci;

import dev.sandpool.server.image.StoredImage.ImageConfig;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An unpacked image that sandboxes can be started from.
 *
 * @param rootfs its files, never written to
 * @param config what the image says about running it
 */
public record ImageRoot(Path rootfs, ImageConfig config) {
  /** Where the engine finds images. */
  @FunctionalInterface
  public interface Finder {
    /** The unpacked image of that digest. */
    Optional<ImageRoot> find(String digest);
  }
}
