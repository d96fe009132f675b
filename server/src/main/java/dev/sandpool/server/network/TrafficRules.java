package dev.sandpool.server.network;

/**
 * What one sandbox may put on the host's network, as nftables text; pure. In a table of its own,
 * behind the rules that say where it may go at all: what those drop is not counted, and never
 * enters the table of connections either.
 *
 * <p>The number of rules does not depend on the number of sandboxes: the kernel keeps a meter for
 * each interface, and one for each address that has connections.
 */
final class TrafficRules {
  /**
   * On top of what a second may carry, which the kernel always lets go at once after a pause. A
   * packet before segmentation has up to 64 KiB: less than a few of them starves a low rate.
   */
  private static final long BURST = 256 << 10;

  private TrafficRules() {}

  static String table(String prefix) {
    return prefix + "_limits";
  }

  /** Text for {@code nft -f} that replaces the table in one transaction. */
  static String install(String prefix, TrafficLimits limits) {
    return """
    %2$s
    table inet %1$s_limits {
      set connections { type ipv4_addr; size 65536; flags dynamic; }
      set up { type ifname; size 65536; flags dynamic,timeout; timeout 1m; }
      set down { type ifname; size 65536; flags dynamic,timeout; timeout 1m; }
      chain from {
        type filter hook prerouting priority -149; policy accept;
        iifname "%1$s*" ct state new add @connections { ip saddr ct count over %3$d } drop
    %4$s  }
      chain to {
        type filter hook postrouting priority 90; policy accept;
    %5$s  }
    }
    """
        .formatted(
            prefix,
            remove(prefix),
            limits.connections(),
            rate("iifname", prefix, "up", limits),
            rate("oifname", prefix, "down", limits));
  }

  private static String rate(String key, String prefix, String set, TrafficLimits limits) {
    if (limits.bytesPerSecond().isEmpty()) {
      return "";
    }
    long rate = limits.bytesPerSecond().getAsLong();
    return "    %s \"%s*\" update @%s { %s limit rate over %d bytes/second burst %d bytes } drop\n"
        .formatted(key, prefix, set, key, rate, BURST);
  }

  /** Text for {@code nft -f} that removes the table, there or not. */
  static String remove(String prefix) {
    return "add table inet %1$s_limits\ndelete table inet %1$s_limits\n".formatted(prefix);
  }
}
