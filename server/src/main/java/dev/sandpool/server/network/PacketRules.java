package dev.sandpool.server.network;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rules around all sandboxes of one server as nftables text; pure.
 *
 * <p>Their number does not depend on the number of sandboxes: they go by the prefix of interface
 * names and are in force before any interface of that name exists. Filtering happens in prerouting
 * after connection tracking and before any address translation or routing, so one chain covers the
 * host and everything behind it, and no other table's redirection can lead a sandbox to the host.
 */
final class PacketRules {
  /** Never reached by a sandbox: private, shared, link-local, metadata, test, multicast ranges. */
  static final List<String> NEVER =
      List.of(
          "0.0.0.0/8",
          "10.0.0.0/8",
          "100.64.0.0/10",
          "127.0.0.0/8",
          "169.254.0.0/16",
          "172.16.0.0/12",
          "192.0.0.0/24",
          "192.0.2.0/24",
          "192.88.99.0/24",
          "192.168.0.0/16",
          "198.18.0.0/15",
          "198.51.100.0/24",
          "203.0.113.0/24",
          "224.0.0.0/3");

  private PacketRules() {}

  /**
   * Text for {@code nft -f} that replaces the table in one transaction.
   *
   * @param prefix of the table's name and of all interfaces
   * @param onLink the host's own networks, which sandboxes with egress must not reach either
   * @param allowed what the operator lets sandboxes with egress reach all the same
   */
  static String install(String prefix, List<Ipv4Range> onLink, List<Ipv4Range> allowed) {
    String never = Stream.concat(NEVER.stream(), outside(onLink)).collect(Collectors.joining(", "));
    String exception =
        allowed.isEmpty()
            ? ""
            : "    iifgroup %d ip daddr { %s } fib daddr type unicast meta l4proto { tcp, udp } accept\n"
                .formatted(
                    SlotCommands.EGRESS_GROUP,
                    allowed.stream().map(Ipv4Range::toString).collect(Collectors.joining(", ")));
    return """
    add table inet %1$s
    delete table inet %1$s
    table inet %1$s {
      set never {
        type ipv4_addr; flags interval; auto-merge;
        elements = { %2$s }
      }
      chain from {
        type filter hook prerouting priority -150; policy accept;
        iifname "%1$s*" jump guard
      }
      chain guard {
        meta nfproto != ipv4 drop
        fib saddr . iif oif missing drop
        ct direction reply ct state established accept
    %4$s    iifgroup %3$d fib daddr type unicast ip daddr != @never ct state established accept
        iifgroup %3$d fib daddr type unicast ip daddr != @never ct state new meta l4proto { tcp, udp } accept
        drop
      }
      chain to {
        type filter hook forward priority -10; policy accept;
        oifname "%1$s*" ct direction original drop
        oifname "%1$s*" oifgroup != %3$d drop
      }
      chain nat {
        type nat hook postrouting priority 100; policy accept;
        iifname "%1$s*" oifname != "%1$s*" masquerade
      }
    }
    """
        .formatted(prefix, never, SlotCommands.EGRESS_GROUP, exception);
  }

  /** Text for {@code nft -f} that removes the table, there or not. */
  static String remove(String prefix) {
    return "add table inet %1$s\ndelete table inet %1$s\n".formatted(prefix);
  }

  private static Stream<String> outside(List<Ipv4Range> onLink) {
    List<Ipv4Range> known = NEVER.stream().map(Ipv4Range::parse).toList();
    return onLink.stream()
        .filter(
            range ->
                known.stream().noneMatch(k -> k.overlaps(range) && k.prefix() <= range.prefix()))
        .map(Ipv4Range::toString);
  }
}
