package dev.sandpool.e2e.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.e2e.Shell;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Every kind of packet that a slot can send, to everywhere, with the rules and without (G8). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PacketRulesIT {
  /**
   * What a sandbox with egress may do: the internet, and what the operator allows; and the one door
   * of a sandbox with an identity.
   */
  private static final Set<String> MEANT =
      Set.of(
          "asking door asking asking-gateway",
          "open dns open 10.8.0.1",
          "open door open 1.1.1.1",
          "open door open 10.9.0.1",
          "open syn open 1.1.1.1",
          "open udp open 1.1.1.1",
          "open syn open 10.9.0.1",
          "open udp open 10.9.0.1");

  private List<String> lines = List.of();

  @BeforeAll
  void run(@TempDir Path dataDir) throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classes =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    String said =
        Shell.run(
            dataDir,
            "unshare",
            "--net",
            "--mount",
            java,
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            classes,
            NetworkWorld.class.getName(),
            dataDir.toString());
    System.out.println(said);
    lines = said.lines().toList();
  }

  private Set<String> probes(String phase, String result) {
    return lines.stream()
        .filter(line -> line.startsWith(phase + " ") && line.endsWith(" " + result))
        .map(line -> line.substring(phase.length() + 1, line.length() - result.length() - 1))
        .collect(Collectors.toSet());
  }

  @Test
  void onlyWhatIsMeantToPassPasses() {
    assertThat(probes("rules", "passed")).isEqualTo(MEANT);
    assertThat(probes("rules", "dropped")).hasSizeGreaterThan(130);
  }

  @Test
  void everyPacketPassesWhereNothingHoldsIt() {
    assertThat(probes("weak", "dropped")).isEmpty();
    assertThat(probes("weak", "passed")).containsAll(probes("rules", "dropped"));
  }

  @Test
  void whatOthersLeadAstrayReachesNeitherTheHostNorWhatIsBehindIt() {
    Set<String> led = probes("weakastray", "passed");
    assertThat(led).hasSize(5);
    assertThat(probes("astray", "passed"))
        .as("the operator has named it")
        .containsExactly("open udp open 10.9.0.2");
    led.remove("open udp open 10.9.0.2");
    assertThat(probes("astray", "dropped")).isEqualTo(led);
  }

  private String seen(String slot, String command) {
    String begin = "slot " + slot + " " + command + " = ";
    return lines.stream()
        .filter(line -> line.startsWith(begin))
        .map(line -> line.substring(begin.length()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aSlotHasOneAddressForBothEndsAndNeitherArpNorIpv6() {
    for (String slot : List.of("closed", "open")) {
      assertThat(seen(slot, "ip -d link show SLOT"))
          .contains("NOARP,UP", "link/ether MAC", "addrgenmode none", "link-netns SLOT");
      assertThat(seen(slot, "ip netns exec SLOT ip -d link show eth0"))
          .contains("NOARP,UP", "link/ether MAC", "addrgenmode none");
      assertThat(seen(slot, "ip -4 addr show SLOT"))
          .contains("inet HOST peer GUEST/32 scope global SLOT");
      assertThat(seen(slot, "ip netns exec SLOT ip -4 addr show"))
          .contains("inet GUEST/31 scope global eth0", "inet 127.0.0.1/8");
      assertThat(seen(slot, "ip -6 addr show SLOT")).isEmpty();
      assertThat(seen(slot, "ip netns exec SLOT ip -6 addr show eth0")).isEmpty();
      assertThat(seen(slot, "ip netns exec SLOT ip neigh"))
          .isEqualTo("HOST dev eth0 lladdr MAC PERMANENT");
      assertThat(seen(slot, "ip route show dev SLOT"))
          .isEqualTo("GUEST proto kernel scope link src HOST");
      assertThat(seen(slot, "ip netns exec SLOT ip link show lo")).contains("LOOPBACK,UP");
      assertThat(seen(slot, "findmnt -n -o PROPAGATION /run/netns")).contains("shared");
    }
  }

  @Test
  void egressIsAGroupARouteAndForwardingAndNothingElseHasThem() {
    assertThat(seen("open", "ip -d link show SLOT")).contains("group 7702");
    assertThat(seen("closed", "ip -d link show SLOT")).contains("group default");
    String onLink = "HOST/31 dev eth0 proto kernel scope link src GUEST";
    assertThat(seen("open", "ip netns exec SLOT ip route"))
        .isEqualTo("default via HOST dev eth0 " + onLink);
    assertThat(seen("closed", "ip netns exec SLOT ip route")).isEqualTo(onLink);
    String settings = "cat /proc/sys/net/ipv4/conf/SLOT/forwarding ";
    String more = "/proc/sys/net/ipv4/conf/SLOT/rp_filter";
    assertThat(seen("open", settings + more)).isEqualTo("1 1");
    assertThat(seen("closed", settings + more)).isEqualTo("0 1");
  }

  @Test
  void theHostIsNobodyElsesRouterUnlessSomebodyMakesItOne() {
    assertThat(lines)
        .contains(
            "stranger uplink 1",
            "stranger back-again dropped",
            "stranger sandboxes-alone dropped",
            "stranger router passed");
  }

  @Test
  void rulesThatSomebodyTakesAwayAreBackWithinSeconds() {
    List<String> tampered = lines.stream().filter(line -> line.startsWith("tamper")).toList();
    assertThat(tampered).hasSize(8).allMatch(line -> line.startsWith("tamper restored"));
  }
}
