package dev.sandpool.server.image;

import dev.sandpool.server.image.StoredImage.ImageConfig;
import java.io.IOException;
import java.util.Set;
import java.util.UUID;

/**
 * The unpacked images of this host, where sandboxes are started: one read-only root a digest,
 * shared by all sandboxes of it. Takes and gives plain values, and every call may be repeated,
 * because it lives beside the engine, in another process than the {@link ImageStore}.
 */
public interface ImageRoots {
  /**
   * Unpacks an image, without rights on this host, into a file system of bounded size.
   *
   * @param work the store's work folder that holds the image as OCI layout {@code oci}, tag {@code
   *     image}
   * @param digest under which it will be known
   * @param config how to run it, kept with it
   * @return bytes that it takes on the disk
   * @throws UnpackException in the unpacking tool's own words; nothing half-made is left
   */
  long unpack(UUID work, String digest, ImageConfig config) throws UnpackException;

  /** The digests of all images that are unpacked. */
  Set<String> digests() throws IOException;

  /** Removes an unpacked image, there or not; sandboxes that run it must be gone. */
  void remove(String digest) throws IOException;
}
