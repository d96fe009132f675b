package dev.sandpool.server.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.sandpool.server.network.ForeignFirewalls.Drop;
import dev.sandpool.server.network.ForeignFirewalls.Effect;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Recorded from {@code nft -j list ruleset}, the first two with rules made by iptables-nft. */
class ForeignFirewallsTest {
  private static List<Drop> findings(String recorded) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(ForeignFirewallsTest.class.getResourceAsStream(recorded))) {
      return ForeignFirewalls.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void dockersForwardPolicyTakesEgressAndTheRemedyIsItsOwnChain() throws IOException {
    List<Drop> findings = findings("docker.json");

    assertThat(findings).hasSize(1);
    assertThat(findings.getFirst().effect()).isEqualTo(Effect.EGRESS);
    assertThat(findings.getFirst().chain()).isEqualTo("FORWARD");
    assertThat(findings.getFirst().remedy()).contains("iptables -I DOCKER-USER -i sp+ -j ACCEPT");
  }

  @Test
  void theRemedyHelps() throws IOException {
    assertThat(findings("docker-with-a-rule-for-us.json")).isEmpty();
  }

  @Test
  void anAdministratorsOwnRulesAreReadAndOursAndIpv6AreNot() throws IOException {
    assertThat(findings("administrators-own.json"))
        .extracting(Drop::chain, Drop::effect)
        .containsExactlyInAnyOrder(
            tuple("input", Effect.TOKENS),
            tuple("forward", Effect.EGRESS),
            tuple("output", Effect.EVERYTHING));
  }

  @Test
  void aLastRuleThatCountsWhatItDropsDropsAllTheSame() throws IOException {
    String rules =
        """
        {"nftables": [
          {"chain": {"family": "inet", "table": "firewalld", "name": "last", "hook": "forward",
                     "policy": "accept"}},
          {"rule": {"family": "inet", "table": "firewalld", "chain": "last",
                    "expr": [{"counter": {"packets": 0, "bytes": 0}}, %s{"drop": null}]}}]}
        """;

    assertThat(ForeignFirewalls.parse(rules.formatted("")))
        .extracting(Drop::effect)
        .containsExactly(Effect.EGRESS);
    assertThat(ForeignFirewalls.parse(rules.formatted("{\"match\": {}}, "))).isEmpty();
  }

  /** One rule of an input chain that drops by policy. */
  private static List<Drop> input(String expr) throws IOException {
    return ForeignFirewalls.parse(
        """
        {"nftables": [
          {"chain": {"family": "inet", "table": "filter", "name": "i", "hook": "input",
                     "policy": "drop"}},
          {"rule": {"family": "inet", "table": "filter", "chain": "i", "expr": [%s]}}]}
        """
            .formatted(expr));
  }

  private static String named(String key, String value) {
    return "{\"match\": {\"op\": \"==\", \"left\": %s, \"right\": \"%s\"}}, {\"accept\": null}"
        .formatted(key, value);
  }

  @Test
  void aSourcePortAndOtherPeoplesInterfacesAreNoneOfOurs() throws IOException {
    String interfaces = "{\"meta\": {\"key\": \"iifname\"}}";
    assertThat(input(named(interfaces, "sp*"))).isEmpty();
    assertThat(input(named(interfaces, "spabcd*"))).isEmpty();
    assertThat(input(named(interfaces, "spare0"))).hasSize(1);
    String port = "{\"payload\": {\"protocol\": \"tcp\", \"field\": \"sport\"}}";
    assertThat(input(named(port, "domain"))).hasSize(1);
  }

  /** As in nft's own example of a workstation. */
  @Test
  void answersThatAMapOfStatesAcceptsAreHeard() throws IOException {
    assertThat(
            input(
                """
                {"vmap": {"key": {"ct": {"key": "state"}}, "data": {"set": [
                  ["invalid", {"drop": null}], ["established", {"accept": null}]]}}}
                """))
        .extracting(Drop::effect)
        .containsExactly(Effect.TOKENS);
  }

  /** As in ufw's chains. */
  @Test
  void answersThatAreAcceptedInAChainThatAllGoThroughAreHeard() throws IOException {
    String rules =
        """
        {"nftables": [
          {"chain": {"family": "ip", "table": "filter", "name": "INPUT", "hook": "input",
                     "policy": "drop"}},
          {"rule": {"family": "ip", "table": "filter", "chain": "INPUT",
                    "expr": [%s{"jump": {"target": "before"}}]}},
          {"rule": {"family": "ip", "table": "filter", "chain": "before", "expr": [
            {"xt": {"type": "match", "name": "conntrack"}}, {"accept": null}]}}]}
        """;
    assertThat(ForeignFirewalls.parse(rules.formatted("{\"counter\": {}}, ")))
        .extracting(Drop::effect)
        .containsExactly(Effect.TOKENS);
    assertThat(ForeignFirewalls.parse(rules.formatted("{\"match\": {}}, ")))
        .as("not all go there")
        .extracting(Drop::effect)
        .containsExactly(Effect.EVERYTHING);
  }

  /** As iptables-services ends its chains, whose policy accepts. */
  @Test
  void aRejectThatIsShownByItsNameDrops() throws IOException {
    String chain =
        """
        {"nftables": [
          {"chain": {"family": "ip", "table": "filter", "name": "f", "hook": "forward",
                     "policy": "accept"}},
          {"rule": {"family": "ip", "table": "filter", "chain": "f", "expr": [
            {"counter": {}}, {"xt": {"type": "target", "name": "REJECT"}}]}}]}
        """;
    assertThat(ForeignFirewalls.parse(chain))
        .extracting(Drop::effect)
        .containsExactly(Effect.EGRESS);
  }

  @ParameterizedTest
  @CsvSource({
    "ip, filter, forward, drop, EGRESS",
    "inet, firewalld, forward, drop, EGRESS",
    "ip, filter, input, drop, EVERYTHING",
    "ip, filter, forward, accept,",
    "ip6, filter, forward, drop,",
    "inet, spabcd, forward, drop,",
    "inet, spabcdshield, forward, drop,",
    "inet, spam, forward, drop, EGRESS",
  })
  void aPolicyIsADropWhereItConcernsUs(
      String family, String table, String hook, String policy, @Nullable Effect effect)
      throws IOException {
    String rules =
        """
        {"nftables": [{"chain": {"family": "%s", "table": "%s", "name": "x", "hook": "%s",
                                 "policy": "%s"}}]}
        """
            .formatted(family, table, hook, policy);

    assertThat(ForeignFirewalls.parse(rules))
        .extracting(Drop::effect)
        .isEqualTo(effect == null ? List.of() : List.of(effect));
  }

  @Test
  void aHostWithoutOtherRulesHasNothingToSay() throws IOException {
    assertThat(ForeignFirewalls.parse("{\"nftables\": [{\"metainfo\": {}}]}")).isEmpty();
    assertThat(ForeignFirewalls.parse("")).isEmpty();
  }

  @Test
  void whatIsNotJsonIsSaidToBe() {
    assertThatThrownBy(() -> ForeignFirewalls.parse("table inet x"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not JSON");
  }
}
