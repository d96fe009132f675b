package dev.sandpool.server.config;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * {@code network}: the network of sandboxes.
 *
 * @param range where sandboxes have their addresses; absent: a free one is looked for
 * @param resolvers name servers of sandboxes with egress; empty: the host's public ones
 * @param allowedRanges what sandboxes with egress may reach although it is private
 * @param rate bytes a second that a sandbox may send, and as many that it may receive
 * @param connections that a sandbox may have open to the outside
 * @param identityPort where sandboxes of pools with an identity ask for tokens
 */
public record NetworkSettings(
    Optional<Cidr> range,
    List<String> resolvers,
    List<Cidr> allowedRanges,
    OptionalLong rate,
    int connections,
    int identityPort) {
  static NetworkSettings read(Section section) {
    return new NetworkSettings(
        section.optional("range", "a range that nobody on the host uses", Form.cidr()),
        section.list("resolvers", "those of the host that have public addresses", Form.resolver()),
        section.list("allowedRanges", "none", Form.allowedRange()),
        section
            .optional("rate", "as fast as it goes", Form.size("64Ki", "1Ti"))
            .map(OptionalLong::of)
            .orElseGet(OptionalLong::empty),
        section.value("connections", "1024", Form.integer(1, 1_000_000)),
        section.value("identityPort", "42356", Form.integer(1024, 65_535)));
  }
}
