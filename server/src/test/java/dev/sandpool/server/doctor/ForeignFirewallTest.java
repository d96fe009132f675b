package dev.sandpool.server.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForeignFirewallTest {
  @ParameterizedTest
  @CsvSource({
    "ip, filter, forward, drop, warning",
    "inet, firewalld, forward, drop, warning",
    "ip, filter, input, drop, warning",
    "ip, filter, forward, accept, ok",
    "ip6, filter, forward, drop, ok",
    "inet, spabcd, forward, drop, ok",
  })
  void aDropThatBeatsOurAcceptIsNamed(
      String family, String table, String hook, String policy, String state) {
    var chain = new FirewallCheck.Chain(family, table, "FORWARD", hook, policy);
    assertThat(FirewallCheck.judge(List.of(chain)))
        .extracting(Finding::state)
        .containsExactly(state);
  }

  @Test
  void chainsWithoutAHookSeeNoPacketByThemselves() {
    assertThat(
            FirewallCheck.parse(
                """
                {"nftables": [{"metainfo": {"version": "1.0.6"}},
                  {"chain": {"family": "ip", "table": "filter", "name": "DOCKER", "handle": 1}},
                  {"chain": {"family": "ip", "table": "filter", "name": "FORWARD", "handle": 2,
                    "type": "filter", "hook": "forward", "prio": 0, "policy": "drop"}}]}"""))
        .containsExactly(new FirewallCheck.Chain("ip", "filter", "FORWARD", "forward", "drop"));
  }
}
