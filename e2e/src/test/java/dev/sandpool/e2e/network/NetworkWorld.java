package dev.sandpool.e2e.network;

import static org.awaitility.Awaitility.await;

import dev.sandpool.e2e.Shell;
import dev.sandpool.model.InstanceId;
import dev.sandpool.server.network.Ipv4Range;
import dev.sandpool.server.network.NetworkConfig;
import dev.sandpool.server.network.SandboxNetwork;
import dev.sandpool.server.network.Slot;
import dev.sandpool.server.network.TrafficLimits;
import dev.sandpool.server.time.Patience;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * A host of its own: run as a process in new network and mount namespaces, with an uplink to a
 * namespace that plays the internet and everything else behind the uplink. Prints what happens to
 * each packet, with all rules and in a weakened configuration.
 */
public final class NetworkWorld implements AutoCloseable {
  private static final Path HERE = Path.of("/");
  private static final String WAN = "8.8.4.1";
  private static final String NEIGHBOUR = "8.8.4.2";
  private static final String TO_HOST = "1.1.1.2";
  private static final String BEHIND_HOST = "1.1.1.3";
  private static final String ALLOWED = "10.9.0.2";
  private static final String BEHIND = "192.168.77.2";

  /** One packet that a slot sends. */
  private record Probe(String from, String kind, String source, String destination) {}

  private final InstanceId instance = InstanceId.random(RandomGenerator.getDefault());
  private final BlockingQueue<Boolean> guard = new LinkedBlockingQueue<>();
  private final SandboxNetwork network;
  private final Slot closed;
  private final Slot open;
  private final Slot other;
  private final Slot asking;

  private NetworkWorld(Path dataDir) throws Exception {
    shell(
        """
        mount -t sysfs sysfs /sys && mount -t tmpfs tmpfs /run && ip link set lo up
        echo 0 >/proc/sys/net/ipv4/ip_forward
        ip netns add internet
        ip link add up0 type veth peer name up0 netns internet
        ip addr add %1$s/24 dev up0 && ip link set up0 up
        ip -n internet link set lo up && ip -n internet link set up0 up
        for a in %2$s/24 1.1.1.1/32 10.9.0.1/32 10.8.0.1/32 192.168.7.1/32 100.64.0.1/32 169.254.169.254/32; do
          ip -n internet addr add $a dev up0
        done
        ip route add default via %2$s
        ip netns add behind
        ip link add behind0 type veth peer name behind0 netns behind
        ip addr add 192.168.77.1/24 dev behind0 && ip link set behind0 up
        ip -n behind addr add %3$s/24 dev behind0 && ip -n behind link set behind0 up
        ip -n internet route add %3$s via %1$s
        """
            .formatted(WAN, NEIGHBOUR, BEHIND));
    network =
        SandboxNetwork.open(
            dataDir,
            instance,
            new NetworkConfig(
                Optional.empty(),
                List.of("10.8.0.1"),
                List.of(Ipv4Range.parse("10.9.0.0/16"), Ipv4Range.parse("10.9.8.0/24")),
                TrafficLimits.defaults(),
                NetworkConfig.IDENTITY_PORT));
    network.listen(state -> guard.add(state.inForce()));
    closed = slot("aaaaaaaa", 1, false, false);
    open = slot("bbbbbbbb", 2, true, false);
    other = slot("cccccccc", 3, false, true);
    asking = slot("dddddddd", 4, false, true);
    count();
  }

  /** Counts what is let through of the slots' packets, after all rules. */
  private void count() throws IOException, InterruptedException {
    shell(
        """
        nft -f - <<'RULES'
        table inet count {
          counter let {}
          chain input {
            type filter hook input priority 300;
            iifname "%1$s*" ct direction original counter name let
          }
          chain forward {
            type filter hook forward priority 300;
            iifname "%1$s*" ct direction original counter name let
          }
        }
        RULES
        """
            .formatted(instance.prefix()));
  }

  private Slot slot(String name, int number, boolean egress, boolean identity) throws IOException {
    Slot slot = network.slot(instance.prefix() + name, number, egress, identity);
    network.create(slot);
    return slot;
  }

  private static String shell(String script) throws IOException, InterruptedException {
    return Shell.runWithInput(HERE, script, "sh", "-e");
  }

  /** What the system's own tool sees of a slot, one line each. */
  private void describe(Slot slot) throws IOException, InterruptedException {
    String inside = "ip netns exec " + slot.name() + " ";
    String settings = "/proc/sys/net/ipv4/conf/" + slot.name();
    for (String command :
        List.of(
            "ip -d link show " + slot.name(),
            "ip -4 addr show " + slot.name(),
            "ip -6 addr show " + slot.name(),
            "ip route show dev " + slot.name(),
            "cat " + settings + "/forwarding " + settings + "/rp_filter",
            inside + "ip -d link show eth0",
            inside + "ip -4 addr show",
            inside + "ip -6 addr show eth0",
            inside + "ip route",
            inside + "ip neigh",
            inside + "ip link show lo",
            "findmnt -n -o PROPAGATION /run/netns")) {
      String said =
          shell(command)
              .replace(slot.name(), "SLOT")
              .replace(slot.hostAddress(), "HOST")
              .replace(slot.guestAddress(), "GUEST")
              .replaceAll("02(:[0-9a-f]{2}){5}", "MAC")
              .replaceAll("\\s+", " ");
      System.out.println(
          "slot "
              + (slot.egress() ? "open " : "closed ")
              + command.replace(slot.name(), "SLOT")
              + " = "
              + said.strip());
    }
  }

  private static List<Probe> probes(Slot closed, Slot open, Slot asking, Slot other) {
    List<Probe> probes = new ArrayList<>();
    for (Slot from : List.of(closed, open, asking)) {
      String who = from.equals(asking) ? "asking" : from.egress() ? "open" : "closed";
      List<String> targets =
          List.of(
              from.hostAddress(),
              WAN,
              other.guestAddress(),
              other.hostAddress(),
              NEIGHBOUR,
              "1.1.1.1",
              "10.9.0.1",
              "192.168.7.1",
              "100.64.0.1",
              "169.254.169.254");
      for (String target : targets) {
        for (String kind : List.of("syn", "door", "udp", "icmp")) {
          probes.add(new Probe(who, kind, from.guestAddress(), target));
        }
      }
      for (String kind : List.of("dns", "udp")) {
        probes.add(new Probe(who, kind, from.guestAddress(), "10.8.0.1"));
      }
      for (String kind : List.of("ack", "gre", "fragments")) {
        probes.add(new Probe(who, kind, from.guestAddress(), WAN));
        probes.add(new Probe(who, kind, from.guestAddress(), "192.168.7.1"));
      }
      for (String target : List.of("224.0.0.1", "255.255.255.255", "8.8.4.255")) {
        probes.add(new Probe(who, "udp", from.guestAddress(), target));
      }
      probes.add(new Probe(who, "udp", other.guestAddress(), WAN));
      probes.add(new Probe(who, "udp", "9.9.9.9", WAN));
      probes.add(new Probe(who, "udp", "9.9.9.9", "1.1.1.1"));
      probes.add(new Probe(who, "ipv6", "-", "-"));
      probes.add(new Probe(who, "arp", from.guestAddress(), from.hostAddress()));
    }
    return probes;
  }

  /** To addresses that {@link #leadAstray} leads elsewhere; the last is one that is allowed. */
  private static List<Probe> astray(Slot open) {
    String from = open.guestAddress();
    return List.of(
        new Probe("open", "syn", from, TO_HOST),
        new Probe("open", "udp", from, TO_HOST),
        new Probe("open", "syn", from, BEHIND_HOST),
        new Probe("open", "udp", from, BEHIND_HOST),
        new Probe("open", "udp", from, ALLOWED));
  }

  /** What transparent proxies and published ports do, in a table of somebody else's. */
  private void leadAstray() throws IOException, InterruptedException {
    shell(
        """
        nft -f - <<'RULES'
        table ip astray {
          chain prerouting {
            type nat hook prerouting priority dstnat;
            ip daddr %1$s meta l4proto { tcp, udp } redirect
            ip daddr { %2$s, %3$s } dnat to 192.168.7.1
          }
        }
        RULES
        """
            .formatted(TO_HOST, BEHIND_HOST, ALLOWED));
  }

  private long let() throws IOException, InterruptedException {
    String text = shell("nft list counter inet count let");
    return Long.parseLong(text.replaceAll("(?s).*packets ([0-9]+) .*", "$1"));
  }

  private void run(String phase, List<Probe> probes) throws IOException, InterruptedException {
    try (var fromClosed = new Sender(closed.name());
        var fromOpen = new Sender(open.name());
        var fromAsking = new Sender(asking.name())) {
      var senders = Map.of("closed", fromClosed, "open", fromOpen, "asking", fromAsking);
      for (Probe probe : probes) {
        long before = let();
        Sender sender = Objects.requireNonNull(senders.get(probe.from()));
        boolean answered = sender.send(probe.kind(), probe.source(), probe.destination());
        boolean passed = let() > before || (probe.kind().equals("arp") && answered);
        System.out.printf(
            "%s %s %s %s %s %s%n",
            phase,
            probe.from(),
            probe.kind(),
            name(probe.source()),
            name(probe.destination()),
            passed ? "passed" : "dropped");
      }
    }
  }

  private String name(String address) {
    for (Slot slot : List.of(closed, open, other, asking)) {
      String who = whose(slot);
      if (address.equals(slot.guestAddress())) {
        return who;
      }
      if (address.equals(slot.hostAddress())) {
        return who + "-gateway";
      }
    }
    return address;
  }

  private String whose(Slot slot) {
    if (slot.equals(other) || slot.equals(asking)) {
      return slot.equals(other) ? "other" : "asking";
    }
    return slot.egress() ? "open" : "closed";
  }

  /** The uplink forwards for sandboxes; then the whole host is made a router by somebody. */
  private static void strangers() throws IOException, InterruptedException {
    shell(
        """
        nft -f - <<'RULES'
        table ip stranger {
          counter passed {}
          counter back {}
          chain forward {
            type filter hook forward priority 300;
            iifname "up0" oifname "up0" counter name back
            oifname "behind0" counter name passed
          }
        }
        RULES
        """);
    System.out.print("stranger uplink " + shell("cat /proc/sys/net/ipv4/conf/up0/forwarding"));
    shell(
        """
        ip -n internet route add 203.0.113.9 via %s
        ip netns exec internet bash -c 'echo x >/dev/udp/203.0.113.9/9'
        """
            .formatted(WAN));
    boolean back = !shell("nft list counter ip stranger back").contains("packets 0 ");
    System.out.println("stranger back-again " + (back ? "passed" : "dropped"));
    System.out.println("stranger sandboxes-alone " + (strangerPasses() ? "passed" : "dropped"));
    shell("echo 1 >/proc/sys/net/ipv4/ip_forward");
    await()
        .atMost(Patience.of(Duration.ofSeconds(60)))
        .pollInterval(Duration.ofMillis(200))
        .until(NetworkWorld::strangerPasses);
    System.out.println("stranger router passed");
  }

  /** Whether what somebody at the uplink sends to another network of the host's goes there. */
  private static boolean strangerPasses() throws IOException, InterruptedException {
    shell("ip netns exec internet bash -c 'echo x >/dev/udp/%s/9'".formatted(BEHIND));
    return !shell("nft list counter ip stranger passed").contains("packets 0 ");
  }

  /** Somebody takes the rules away in several ways; says how long until they are back. */
  private void tamper() throws Exception {
    guard.clear();
    for (String how :
        List.of(
            "nft delete table inet " + instance.prefix(),
            "nft flush chain inet " + instance.prefix() + " guard",
            "nft insert rule inet " + instance.prefix() + " guard accept",
            "nft add table inet " + instance.prefix() + " '{ flags dormant; }'",
            "nft flush set inet " + instance.prefix() + " never",
            "nft delete table inet " + instance.prefix() + "_limits",
            "nft flush chain inet " + instance.prefix() + "_limits from",
            "nft flush ruleset")) {
      String before = listing();
      long begin = System.nanoTime();
      shell(how);
      boolean noticed = Boolean.FALSE.equals(guard.poll(10, TimeUnit.SECONDS));
      boolean restored = Boolean.TRUE.equals(guard.poll(10, TimeUnit.SECONDS));
      Duration took = Duration.ofNanos(System.nanoTime() - begin);
      boolean same = before.equals(listing());
      System.out.printf(
          "tamper %s %s%n",
          noticed && restored && same ? "restored" : "LOST",
          how.replace(instance.prefix(), "TABLE") + " # " + took.toMillis() + " ms");
    }
  }

  private String listing() throws IOException, InterruptedException {
    return shell(
        "nft list table inet %1$s; nft list chain inet %1$s_limits from"
            .formatted(instance.prefix()));
  }

  /** No rules, and every second wall down. */
  private void weaken() throws Exception {
    network.close();
    shell("nft delete table inet " + instance.prefix());
    for (Slot slot : List.of(closed, open, other, asking)) {
      shell(
          """
          cd /proc/sys/net
          echo 1 > ipv4/conf/%1$s/forwarding; echo 0 > ipv4/conf/%1$s/rp_filter
          echo 1 > ipv4/conf/%1$s/accept_local; echo 1 > ipv4/conf/up0/forwarding
          echo 0 > ipv4/icmp_echo_ignore_broadcasts
          ! test -d ipv6 || echo 0 > ipv6/conf/%1$s/disable_ipv6
          ip link set %1$s addrgenmode eui64 arp on
          """
              .formatted(slot.name()));
    }
  }

  @Override
  public void close() throws Exception {
    for (Slot slot : List.of(closed, open, other, asking)) {
      network.delete(slot.name());
    }
    shell("ip netns del internet; ip netns del behind");
  }

  /**
   * Runs all of it.
   *
   * @param args a directory for the network's files
   */
  public static void main(String[] args) throws Exception {
    try (var world = new NetworkWorld(Path.of(args[0]))) {
      world.describe(world.closed);
      world.describe(world.open);
      List<Probe> probes = probes(world.closed, world.open, world.asking, world.other);
      world.run("rules", probes);
      world.leadAstray();
      world.run("astray", astray(world.open));
      strangers();
      world.tamper();
      world.weaken();
      world.count(); // The last of the tamperings took it away too.
      world.run("weak", probes);
      world.leadAstray();
      world.run("weakastray", astray(world.open));
    }
  }
}
