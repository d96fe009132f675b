package dev.sandpool.server.config;

import java.util.Optional;

/**
 * {@code network}: the network of sandboxes.
 *
 * @param range where sandboxes have their addresses; absent: a free one is looked for
 */
public record NetworkSettings(Optional<Cidr> range) {
  static NetworkSettings read(Section section) {
    return new NetworkSettings(
        section.optional("range", "a range that nobody on the host uses", Form.cidr()));
  }
}
