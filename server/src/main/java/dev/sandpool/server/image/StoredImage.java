package dev.sandpool.server.image;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An image that is unpacked on this host.
 *
 * @param digest of its manifest, {@code sha256:...}
 * @param names the references under which it was pulled or imported
 * @param config what the image says about running it
 * @param sizeBytes of the unpacked root
 */
public record StoredImage(String digest, List<String> names, ImageConfig config, long sizeBytes) {
  public StoredImage {
    names = List.copyOf(names);
  }

  /**
   * What the image says about running it (OCI image configuration).
   *
   * @param env in the form {@code NAME=value}
   * @param user {@code uid}, {@code uid:gid}, or names in the image's own files; null is root
   * @param workingDir absolute, {@code /} where absent
   */
  public record ImageConfig(
      List<String> entrypoint,
      List<String> cmd,
      List<String> env,
      @Nullable String user,
      String workingDir,
      String architecture) {
    public ImageConfig {
      entrypoint = List.copyOf(entrypoint);
      cmd = List.copyOf(cmd);
      env = List.copyOf(env);
    }
  }
}
