package dev.sandpool.server.config;

import java.util.List;

/**
 * {@code images}: where images come from.
 *
 * @param plainHttpRegistries registries that are asked without TLS; anyone between can then read
 *     the password and change the image
 * @param maxBytes of one unpacked image
 * @param maxFiles of one unpacked image: files, folders and links
 */
public record ImageSettings(List<String> plainHttpRegistries, long maxBytes, int maxFiles) {
  static ImageSettings read(Section section) {
    return new ImageSettings(
        section.list("plainHttpRegistries", "none", Form.registry()),
        section.value("maxBytes", "20Gi", Form.size("16Mi", "1Ti")),
        section.value("maxFiles", "1000000", Form.integer(1000, 100_000_000)));
  }
}
