package dev.sandpool.server.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What skopeo reads of registries, in the working directory of one pull, which is its home: where
 * it asks, whether without TLS, and whom it trusts (containers-registries.conf(5),
 * containers-certs.d(5)). Nothing of the host's own configuration takes part.
 */
final class RegistryFiles {
  private static final String CONFIG = "registries.conf";

  private RegistryFiles() {}

  /** Writes them for pulls of that repository. */
  static Path write(Path home, Registries registries, ImageReference reference) throws IOException {
    if (registries.certificates().isPresent()) {
      Path link = home.resolve(".config/containers/certs.d");
      Files.createDirectories(link.resolveSibling(""));
      Files.deleteIfExists(link);
      Files.createSymbolicLink(link, registries.certificates().get());
    }
    return Files.writeString(home.resolve(CONFIG), config(registries, reference));
  }

  /** All texts are of hosts and paths, which need no escaping. */
  static String config(Registries registries, ImageReference reference) {
    Optional<Map.Entry<String, String>> mirror = registries.mirrorOf(reference.repositoryName());
    String prefix = mirror.map(Map.Entry::getKey).orElse(reference.registry());
    var text =
        new StringBuilder("unqualified-search-registries = []\n")
            .append(entry("registry", registries.plain(reference.registry())))
            .append("prefix = \"" + prefix + "\"\nlocation = \"" + prefix + "\"\n");
    mirror
        .map(Map.Entry::getValue)
        .ifPresent(
            to ->
                text.append(entry("registry.mirror", registries.plain(to.replaceFirst("/.*", ""))))
                    .append("location = \"" + to + "\"\n"));
    return text.toString();
  }

  private static String entry(String name, boolean insecure) {
    return "[[" + name + "]]\ninsecure = " + insecure + "\n";
  }
}
