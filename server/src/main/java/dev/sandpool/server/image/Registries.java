package dev.sandpool.server.image;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the operator says of registries.
 *
 * @param plainHttp {@code host} or {@code host:port} of those that may be asked without TLS; those
 *     on loopback always may
 * @param certificates a folder with a folder for each {@code host} or {@code host:port}, which
 *     holds {@code ca.crt}; nothing leaves the host's own authorities
 * @param mirrors from what images are named after, {@code host[:port][/path]}, to what is asked
 *     first instead
 */
public record Registries(
    Set<String> plainHttp, Optional<Path> certificates, Map<String, String> mirrors) {
  /** Nothing is said. */
  public static final Registries NONE = new Registries(Set.of(), Optional.empty(), Map.of());

  public Registries {
    plainHttp = Set.copyOf(plainHttp);
    mirrors = Map.copyOf(mirrors);
  }

  /** Whether a registry may be asked without TLS. */
  public boolean plain(String registry) {
    ImageReference any = ImageReference.parse(registry + "/any");
    return any.isLoopback() || plainHttp.contains(any.registry()) || plainHttp.contains(any.host());
  }

  /** The mirror of what a repository's name begins with, the longest such where there are more. */
  Optional<Map.Entry<String, String>> mirrorOf(String repository) {
    return mirrors.entrySet().stream()
        .filter(
            mirror ->
                repository.equals(mirror.getKey()) || repository.startsWith(mirror.getKey() + "/"))
        .max(Comparator.comparingInt(mirror -> mirror.getKey().length()));
  }
}
