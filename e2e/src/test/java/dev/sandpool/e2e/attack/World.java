package dev.sandpool.e2e.attack;

import dev.sandpool.e2e.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/**
 * The host's surroundings, made of one more network namespace: a LAN, a metadata service, a private
 * network and an internet, all behind one wire. The host itself is set up as badly as hosts are:
 * everything is forwarded, nothing is filtered, loopback addresses are routed, ARP is answered for
 * everybody.
 */
final class World {
  private static final String NAME = "world";

  private static final String HOST =
      """
      link set lo up
      netns add world
      link add lan0 type veth peer name eth0 netns world
      link set lan0 up
      addr add 192.168.77.1/24 dev lan0
      addr add fd00:77::1/64 dev lan0 nodad
      route add default via 192.168.77.2
      """;

  private static final String SURROUNDINGS =
      """
      link set lo up
      link set eth0 up
      addr add 192.168.77.2/24 dev eth0
      addr add fd00:77::2/64 dev eth0 nodad
      addr add 169.254.169.254/32 dev lo
      addr add 172.20.30.40/32 dev lo
      addr add 45.66.77.88/32 dev lo
      addr add fd00:ec2::254/128 dev lo nodad
      addr add fd12:3456::1/128 dev lo nodad
      addr add 2606:4700::77/128 dev lo nodad
      route add default via 192.168.77.1
      """;

  private static final String SETTINGS =
      """
      cd /proc/sys/net
      for c in all default lan0 lo; do
        echo 1 >ipv4/conf/$c/forwarding; echo 1 >ipv4/conf/$c/route_localnet
        echo 0 >ipv4/conf/$c/rp_filter; echo 1 >ipv4/conf/$c/accept_local
        echo 1 >ipv4/conf/$c/proxy_arp; echo 1 >ipv6/conf/$c/forwarding
      done
      echo 1 >ipv4/ip_forward; echo "0 2147483647" >ipv4/ping_group_range
      """;

  private World() {}

  /** Makes it in the namespaces of this process. */
  static void make() throws IOException, InterruptedException {
    ip(HOST, "-batch", "-");
    ip(SURROUNDINGS, "-n", NAME, "-batch", "-");
    for (String arguments : new String[] {"", "-n " + NAME}) {
      String gateway = arguments.isEmpty() ? "fd00:77::2" : "fd00:77::1";
      Shell.run(
          Path.of("/"), "sh", "-c", "ip " + arguments + " -6 route add default via " + gateway);
    }
    Shell.run(Path.of("/"), "sh", "-ec", SETTINGS);
  }

  private static void ip(String input, String... arguments)
      throws IOException, InterruptedException {
    Shell.runWithInput(Path.of("/"), input, Shell.join(new String[] {"ip"}, arguments));
  }

  /** Where a place is for one attacker. */
  record Addresses(String v4, String v6) {}

  /** All places, as seen by the sandbox with that address. */
  static Map<Place, Addresses> around(String attacker, String same, String other) {
    Map<Place, Addresses> places = new EnumMap<>(Place.class);
    places.put(Place.LOOPBACK, new Addresses("127.0.0.1", "::1"));
    places.put(Place.LAN, new Addresses("192.168.77.1", "fd00:77::1"));
    places.put(Place.GATEWAY, new Addresses(gateway(attacker), network(attacker) + "::1"));
    places.put(Place.SAME, new Addresses(same, network(same) + "::2"));
    places.put(Place.OTHER, new Addresses(other, network(other) + "::2"));
    places.put(Place.METADATA, new Addresses("169.254.169.254", "fd00:ec2::254"));
    places.put(Place.PRIVATE, new Addresses("172.20.30.40", "fd12:3456::1"));
    places.put(Place.INTERNET, new Addresses("45.66.77.88", "2606:4700::77"));
    return places;
  }

  /** The host's end of a slot is one below the sandbox's. */
  private static String gateway(String guest) {
    int dot = guest.lastIndexOf('.') + 1;
    return guest.substring(0, dot) + (Integer.parseInt(guest.substring(dot)) - 1);
  }

  /** The IPv6 network of a wire; sandboxes have none of their own, the host does its part. */
  static String network(String guest) {
    String[] parts = guest.split("\\.");
    return "fd00:5a:%x%02x".formatted(Integer.parseInt(parts[2]), Integer.parseInt(parts[3]));
  }

  /** Gives the host's end of a wire an IPv6 address, so that only rules can be in the way. */
  static void sixth(String wire, String guest) throws IOException, InterruptedException {
    // The engine has switched it off, which is one wall more than the rules.
    Files.writeString(Path.of("/proc/sys/net/ipv6/conf", wire, "disable_ipv6"), "0");
    ip("addr add " + network(guest) + "::1/64 dev " + wire + " nodad\n", "-6", "-batch", "-");
  }
}
