package dev.sandpool.server.config;

import java.util.List;
import java.util.Optional;

/**
 * {@code network}: the network of sandboxes.
 *
 * @param range where sandboxes have their addresses; absent: a free one is looked for
 * @param resolvers name servers of sandboxes with egress; empty: the host's public ones
 * @param allowedRanges what sandboxes with egress may reach although it is private
 */
public record NetworkSettings(
    Optional<Cidr> range, List<String> resolvers, List<Cidr> allowedRanges) {
  static NetworkSettings read(Section section) {
    return new NetworkSettings(
        section.optional("range", "a range that nobody on the host uses", Form.cidr()),
        section.list("resolvers", "those of the host that have public addresses", Form.resolver()),
        section.list("allowedRanges", "none", Form.allowedRange()));
  }
}
