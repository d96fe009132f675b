package dev.sandpool.server.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The rules are what stands between sandboxes and everything else: each change is to be seen. */
class PacketRulesTest {
  private static final PacketRules.Facts PLAIN = facts(List.of(), List.of(), List.of());

  private static PacketRules.Facts facts(
      List<String> onLink, List<String> allowed, List<String> resolvers) {
    return new PacketRules.Facts(
        "spabcd",
        onLink.stream().map(Ipv4Range::parse).toList(),
        allowed.stream().map(Ipv4Range::parse).toList(),
        resolvers,
        42_356,
        Set.of());
  }

  @Test
  void aFenceHoldsInBothTablesAndANameThatWouldBreakThemHasNone() {
    PacketRules.Facts fenced = PLAIN.with(List.of(), Set.of("eth0", "a\"b"));

    for (String text : List.of(PacketRules.install(fenced), PacketRules.shield(fenced))) {
      assertThat(text)
          .containsOnlyOnce(
              """
                  oifname "spabcd*" oifgroup != { 7702, 7704 } drop
                  meta nfproto ipv4 iifname "eth0" oifname != "eth0" oifgroup != { 7702, 7704 } drop
                  meta nfproto ipv4 iifname "eth0" oifname "eth0" meta iifkind != "bridge" drop
                }
              """)
          .doesNotContain("a\"b");
    }
  }

  @Test
  void theRulesAreTheseAndNoOthers() {
    assertThat(PacketRules.install(PLAIN))
        .isEqualTo(
            """
            add table inet spabcd {  }
            delete table inet spabcd
            table inet spabcd {
             \s
              set never {
                type ipv4_addr; flags interval; auto-merge;
                elements = { 0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 168.63.129.16/32, 169.254.0.0/16, 172.16.0.0/12, 192.0.0.0/24, 192.0.2.0/24, 192.88.99.0/24, 192.168.0.0/16, 198.18.0.0/15, 198.51.100.0/24, 203.0.113.0/24, 224.0.0.0/3 }
              }
              chain from {
                type filter hook prerouting priority -150; policy accept;
                iifname "spabcd*" jump guard
              }
              chain guard {
                meta nfproto != ipv4 drop
                fib saddr . iif oif missing drop
                ct direction reply ct state established accept
                iifgroup { 7703, 7704 } fib daddr . iif type local tcp dport 42356 ct state { new, established } accept
                iifgroup { 7702, 7704 } fib daddr type unicast ip daddr != @never ct state established accept
                iifgroup { 7702, 7704 } fib daddr type unicast ip daddr != @never ct state new meta l4proto { tcp, udp } accept
                drop
              }
              chain host {
                type filter hook input priority -10; policy accept;
                iifname "spabcd*" ct direction original jump door
              }
              chain door {
                iifgroup { 7703, 7704 } fib daddr . iif type local tcp dport 42356 accept
                drop
              }
              chain to {
                type filter hook forward priority -10; policy accept;
                iifname "spabcd*" ct direction original ct status dnat drop
                oifname "spabcd*" ct direction original drop
                oifname "spabcd*" oifgroup != { 7702, 7704 } drop
              }
              chain nat {
                type nat hook postrouting priority 100; policy accept;
                iifname "spabcd*" oifname != "spabcd*" masquerade
              }
            }
            """);
  }

  @Test
  void theShieldDropsWhatTheTableDropsAndBelongsToItsMaker() {
    String table = PacketRules.install(PLAIN);
    String shield = PacketRules.shield(PLAIN);

    assertThat(shield).contains("add table inet spabcdshield { flags owner; }");
    assertThat(shield).doesNotContain("masquerade");
    assertThat(chain(shield, "guard")).isEqualTo(chain(table, "guard"));
    assertThat(chain(shield, "door")).isEqualTo(chain(table, "door"));
    for (String chain : List.of("host", "to")) {
      assertThat(chain(shield, chain).replace("priority -11", "priority -10"))
          .isEqualTo(chain(table, chain));
    }
  }

  private static String chain(String rules, String name) {
    int begin = rules.indexOf("chain " + name + " {");
    return rules.substring(begin, rules.indexOf("\n  }", begin));
  }

  @Test
  void theHostsOwnPublicNetworksAreNeverReached() {
    String rules =
        PacketRules.install(facts(List.of("8.8.4.0/24", "10.1.0.0/16"), List.of(), List.of()));

    assertThat(rules).contains("224.0.0.0/3, 8.8.4.0/24 }").doesNotContain("10.1.0.0/16");
  }

  @Test
  void anAllowedRangeIsForSandboxesWithEgressOnly() {
    String rules = PacketRules.install(facts(List.of(), List.of("10.9.0.0/16"), List.of()));

    assertThat(rules)
        .contains(
            "    iifgroup { 7702, 7704 } ip daddr { 10.9.0.0/16 } fib daddr type unicast"
                + " meta l4proto { tcp, udp } accept\n    iifgroup");
  }

  @Test
  void aResolverOfTheOperatorIsReachedAtItsPortOnly() {
    String rules = PacketRules.install(facts(List.of(), List.of(), List.of("10.0.0.53")));

    assertThat(rules)
        .contains(
            "    iifgroup { 7702, 7704 } ip daddr { 10.0.0.53 } fib daddr type unicast"
                + " meta l4proto { tcp, udp } th dport 53 accept\n    iifgroup");
  }

  @Test
  void whatTheOperatorNamesMayBeLedElsewhereByTheHost() {
    String rules =
        PacketRules.install(facts(List.of(), List.of("10.9.0.0/16"), List.of("10.96.0.10")));

    assertThat(chain(rules, "to"))
        .contains(
            "ct status dnat ct original ip daddr != { 10.9.0.0/16 }"
                + " ct original ip daddr != { 10.96.0.10 } drop");
  }
}
