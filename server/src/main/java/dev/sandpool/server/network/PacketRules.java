package dev.sandpool.server.network;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rules around all sandboxes of one server as nftables text; pure.
 *
 * <p>The one place of the host that a sandbox may begin a connection to is the identity port of its
 * own end of the wire, and only if its interface's group says so: the address must be one of the
 * interface that the packet came in by.
 *
 * <p>Their number does not depend on the number of sandboxes: they go by the prefix of interface
 * names and are in force before any interface of that name exists. Filtering happens in prerouting
 * after connection tracking and before any address translation or routing, so one chain covers the
 * host and everything behind it. What other tables then make of a packet's destination (a
 * transparent proxy, a published port) is looked at again where it goes: nothing but the identity
 * port is delivered to the host, and nothing goes on whose destination was changed, unless the
 * operator has named that destination.
 */
final class PacketRules {
  /** Never reached by a sandbox: private, shared, link-local, metadata, test, multicast ranges. */
  static final List<String> NEVER =
      List.of(
          "0.0.0.0/8",
          "10.0.0.0/8",
          "100.64.0.0/10",
          "127.0.0.0/8",
          // Of a virtual machine in Azure, for its host alone: its agent's secrets, and a resolver.
          "168.63.129.16/32",
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

  /** An interface may have almost any name, and one with a quotation mark would end ours. */
  private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9_.@-]+");

  private PacketRules() {}

  /**
   * What differs between hosts and their operators.
   *
   * @param prefix of the tables' names and of all interfaces
   * @param onLink the host's own networks, which sandboxes with egress must not reach either
   * @param allowed what the operator lets sandboxes with egress reach all the same
   * @param resolvers name servers of the operator's choice, reached wherever they are
   * @param identityPort of the host's end, where sandboxes with an identity ask for tokens
   * @param fenced interfaces at which the host takes packets for sandboxes and for nobody behind it
   */
  record Facts(
      String prefix,
      List<Ipv4Range> onLink,
      List<Ipv4Range> allowed,
      List<String> resolvers,
      int identityPort,
      Set<String> fenced) {
    Facts {
      fenced = new TreeSet<>(fenced);
      onLink = onLink.stream().filter(PacketRules::reachable).toList();
    }

    /** The same on a host whose own networks and fences are these. */
    Facts with(List<Ipv4Range> networks, Set<String> fences) {
      return new Facts(prefix, networks, allowed, resolvers, identityPort, fences);
    }

    /** The table that stays when its maker ends. */
    String table() {
      return prefix;
    }

    /** Its twin that belongs to its maker: nobody else can change it, and it ends with it. */
    String shield() {
      return prefix + "shield";
    }
  }

  /** Text for {@code nft -f} that replaces the table in one transaction. */
  static String install(Facts facts) {
    return replace(facts, facts.table(), "", -150, true);
  }

  /**
   * The same for the shield, without translation of addresses: while others have removed the table,
   * what would have been dropped still is.
   */
  static String shield(Facts facts) {
    return replace(facts, facts.shield(), "flags owner;", -151, false);
  }

  private static String replace(
      Facts facts, String table, String flags, int priority, boolean translate) {
    return """
    add table inet %1$s { %2$s }
    delete table inet %1$s
    table inet %1$s {
      %2$s
      set never {
        type ipv4_addr; flags interval; auto-merge;
        elements = { %3$s }
      }
      chain from {
        type filter hook prerouting priority %4$d; policy accept;
        iifname "%5$s*" jump guard
      }
      chain guard {
        meta nfproto != ipv4 drop
        fib saddr . iif oif missing drop
        ct direction reply ct state established accept
        iifgroup { %10$d, %11$d } fib daddr . iif type local tcp dport %12$d ct state { new, established } accept
    %6$s    iifgroup { %7$d, %11$d } fib daddr type unicast ip daddr != @never ct state established accept
        iifgroup { %7$d, %11$d } fib daddr type unicast ip daddr != @never ct state new meta l4proto { tcp, udp } accept
        drop
      }
      chain host {
        type filter hook input priority %8$d; policy accept;
        iifname "%5$s*" ct direction original jump door
      }
      chain door {
        iifgroup { %10$d, %11$d } fib daddr . iif type local tcp dport %12$d accept
        drop
      }
      chain to {
        type filter hook forward priority %8$d; policy accept;
        iifname "%5$s*" ct direction original ct status dnat%13$s drop
        oifname "%5$s*" ct direction original drop
        oifname "%5$s*" oifgroup != { %7$d, %11$d } drop
    %14$s  }
    %9$s}
    """
        .formatted(
            table,
            flags,
            Stream.concat(NEVER.stream(), facts.onLink().stream().map(Ipv4Range::toString))
                .collect(Collectors.joining(", ")),
            priority,
            facts.prefix(),
            exceptions(facts),
            Slot.EGRESS_GROUP,
            priority + 140,
            translate ? translation(facts) : "",
            Slot.IDENTITY_GROUP,
            Slot.EGRESS_AND_IDENTITY_GROUP,
            facts.identityPort(),
            named(facts),
            fences(facts));
  }

  /** Whose destination is not one that the operator has named, wherever the host has it led. */
  private static String named(Facts facts) {
    return otherThan(facts.allowed().stream().map(Ipv4Range::toString).toList())
        + otherThan(facts.resolvers());
  }

  private static String otherThan(List<String> destinations) {
    return destinations.isEmpty()
        ? ""
        : " ct original ip daddr != { " + String.join(", ", destinations) + " }";
  }

  /** Whether rules can be about an interface of that name. */
  static boolean canName(String uplink) {
    return PLAIN_NAME.matcher(uplink).matches();
  }

  /**
   * Another server's slots with egress are no more behind the fence than our own, and frames that a
   * bridge passes on from one of its ports to another are no business of a router's.
   */
  private static String fences(Facts facts) {
    return facts.fenced().stream()
        .filter(PacketRules::canName)
        .map(
            uplink ->
                """
                    meta nfproto ipv4 iifname "%1$s" oifname != "%1$s" oifgroup != { %2$d, %3$d } drop
                    meta nfproto ipv4 iifname "%1$s" oifname "%1$s" meta iifkind != "bridge" drop
                """
                    .formatted(uplink, Slot.EGRESS_GROUP, Slot.EGRESS_AND_IDENTITY_GROUP))
        .collect(Collectors.joining());
  }

  private static String exceptions(Facts facts) {
    String allowed =
        facts.allowed().isEmpty()
            ? ""
            : "    iifgroup { %d, %d } ip daddr { %s } fib daddr type unicast meta l4proto { tcp, udp } accept\n"
                .formatted(
                    Slot.EGRESS_GROUP,
                    Slot.EGRESS_AND_IDENTITY_GROUP,
                    facts.allowed().stream()
                        .map(Ipv4Range::toString)
                        .collect(Collectors.joining(", ")));
    String resolvers =
        facts.resolvers().isEmpty()
            ? ""
            : "    iifgroup { %d, %d } ip daddr { %s } fib daddr type unicast meta l4proto { tcp, udp } th dport 53 accept\n"
                .formatted(
                    Slot.EGRESS_GROUP,
                    Slot.EGRESS_AND_IDENTITY_GROUP,
                    String.join(", ", facts.resolvers()));
    return allowed + resolvers;
  }

  private static String translation(Facts facts) {
    return """
      chain nat {
        type nat hook postrouting priority 100; policy accept;
        iifname "%1$s*" oifname != "%1$s*" masquerade
      }
    """
        .formatted(facts.prefix());
  }

  /** Text for {@code nft -f} that removes a table, there or not. */
  static String remove(String table) {
    return "add table inet %1$s\ndelete table inet %1$s\n".formatted(table);
  }

  private static boolean reachable(Ipv4Range range) {
    return NEVER.stream()
        .map(Ipv4Range::parse)
        .noneMatch(never -> never.overlaps(range) && never.prefix() <= range.prefix());
  }
}
