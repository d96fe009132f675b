package dev.sandpool.server.image;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The images on this host: blobs, and one unpacked root file system a digest, shared by all
 * sandboxes of it. All calls block; several may pull the same image, which is pulled once.
 */
public interface ImageStore {
  /**
   * Brings an image here and unpacks it, if it is not here already.
   *
   * @param progress told what happens, in words for a person
   * @throws ImageException naming the cause; nothing half-made is left
   */
  StoredImage pull(PullRequest request, Progress progress) throws ImageException;

  /**
   * Takes an image from a file, an OCI archive or what {@code docker save} writes, under a name.
   *
   * @param name the reference that pools use, {@code sample:1}
   * @throws ImageException naming the cause
   */
  StoredImage importArchive(Path archive, String name, Progress progress) throws ImageException;

  /** The unpacked image of that digest. */
  Optional<StoredImage> find(String digest);

  /** All unpacked images, by name. */
  List<StoredImage> list();

  /**
   * Removes a name or digest and what nobody else needs.
   *
   * @param inUse digests that stay whatever happens
   * @return false if there is no such image
   * @throws ImageException if it is in use
   */
  boolean remove(String nameOrDigest, Set<String> inUse) throws ImageException;

  /**
   * Removes images that nothing uses any more, never an imported one, which no registry could bring
   * again. Notes that those in use are.
   *
   * @param inUse digests that stay whatever happens
   * @return digests of what was removed
   */
  List<String> collect(Set<String> inUse, Retention retention, Instant now) throws IOException;

  /** Removes what interrupted pulls have left. */
  void sweep() throws IOException;

  /** Told of a pull's steps. */
  @FunctionalInterface
  interface Progress {
    /** One step: {@code pulling}, {@code unpacking 3/7}. */
    void step(String what);

    /** Tells nobody. */
    static Progress none() {
      return what -> {};
    }
  }
}
