package dev.sandpool.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code images}: where images come from.
 *
 * @param plainHttpRegistries registries that are asked without TLS; anyone between can then read
 *     the password and change the image
 * @param certificates folder with a folder a registry, which holds its {@code ca.crt}
 * @param mirrors from what images are named after to what is asked first
 * @param unusedAge after which an image that nothing uses is removed
 * @param unusedBytes that images that nothing uses may take together
 * @param maxBytes of one unpacked image
 * @param maxFiles of one unpacked image: files, folders and links
 */
public record ImageSettings(
    List<String> plainHttpRegistries,
    Optional<Path> certificates,
    Map<String, String> mirrors,
    Duration unusedAge,
    long unusedBytes,
    long maxBytes,
    int maxFiles) {
  static ImageSettings read(Section section) {
    return new ImageSettings(
        section.list("plainHttpRegistries", "none", Form.registry()),
        section.optional("certificates", "the host's authorities alone", Form.absolutePath()),
        mirrors(section),
        section.value("unusedAge", "7d", Form.duration("1m", "3650d")),
        section.value("unusedBytes", "20Gi", Form.size("0", "64Ti")),
        section.value("maxBytes", "20Gi", Form.size("16Mi", "1Ti")),
        section.value("maxFiles", "1000000", Form.integer(1000, 100_000_000)));
  }

  private static Map<String, String> mirrors(Section section) {
    Map<String, String> mirrors = new HashMap<>();
    for (String mirror : section.list("mirrors", "none", Form.mirror())) {
      int equals = mirror.indexOf('=');
      if (mirrors.put(mirror.substring(0, equals), mirror.substring(equals + 1)) != null) {
        section.refuse("mirrors", "has two for " + mirror.substring(0, equals));
      }
    }
    return mirrors;
  }
}
