package dev.sandpool.server.config;

import java.util.List;

/**
 * {@code images}: where images come from.
 *
 * @param plainHttpRegistries registries that are asked without TLS; anyone between can then read
 *     the password and change the image
 */
public record ImageSettings(List<String> plainHttpRegistries) {
  static ImageSettings read(Section section) {
    return new ImageSettings(section.list("plainHttpRegistries", "none", Form.registry()));
  }
}
