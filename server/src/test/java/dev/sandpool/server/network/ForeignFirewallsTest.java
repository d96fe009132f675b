package dev.sandpool.server.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.sandpool.server.network.ForeignFirewalls.Effect;
import dev.sandpool.server.network.ForeignFirewalls.Finding;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Recorded from {@code nft -j list ruleset}, the first two with rules made by iptables-nft. */
class ForeignFirewallsTest {
  private static List<Finding> findings(String recorded) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(ForeignFirewallsTest.class.getResourceAsStream(recorded))) {
      return ForeignFirewalls.parse(
          new String(in.readAllBytes(), StandardCharsets.UTF_8), "spabcd");
    }
  }

  @Test
  void dockersForwardPolicyTakesEgressAndTheRemedyIsItsOwnChain() throws IOException {
    List<Finding> findings = findings("docker.json");

    assertThat(findings).hasSize(1);
    assertThat(findings.getFirst().effect()).isEqualTo(Effect.EGRESS);
    assertThat(findings.getFirst().chain()).isEqualTo("FORWARD");
    assertThat(findings.getFirst().remedy())
        .contains("iptables -I DOCKER-USER -i spabcd+ -j ACCEPT");
  }

  @Test
  void theRemedyHelps() throws IOException {
    assertThat(findings("docker-with-a-rule-for-us.json")).isEmpty();
  }

  @Test
  void anAdministratorsOwnRulesAreReadAndOursAndIpv6AreNot() throws IOException {
    assertThat(findings("administrators-own.json"))
        .extracting(Finding::chain, Finding::effect)
        .containsExactlyInAnyOrder(
            tuple("forward", Effect.EGRESS), tuple("output", Effect.EVERYTHING));
  }

  @Test
  void aHostWithoutOtherRulesHasNothingToSay() throws IOException {
    assertThat(ForeignFirewalls.parse("{\"nftables\": [{\"metainfo\": {}}]}", "spabcd")).isEmpty();
    assertThat(ForeignFirewalls.parse("", "spabcd")).isEmpty();
  }

  @Test
  void whatIsNotJsonIsSaidToBe() {
    assertThatThrownBy(() -> ForeignFirewalls.parse("table inet x", "spabcd"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not JSON");
  }
}
