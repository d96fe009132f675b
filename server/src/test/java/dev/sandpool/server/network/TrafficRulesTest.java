package dev.sandpool.server.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** One sandbox must neither fill the host's table of connections nor its line. */
class TrafficRulesTest {
  @Test
  void connectionsOfEachAddressAreCountedBehindTheRulesThatDrop() {
    String text = TrafficRules.install("spabcd", TrafficLimits.defaults());
    assertThat(text)
        .contains("hook prerouting priority -149")
        .contains(
            "iifname \"spabcd*\" ct state new add @connections { ip saddr ct count over 1024 } drop")
        .doesNotContain("limit rate");
  }

  @Test
  void aRateHoldsInBothDirectionsWithABurstThatLetsALargePacketPass() {
    var limits = new TrafficLimits(OptionalLong.of(1 << 20), 7);
    assertThat(TrafficRules.install("spabcd", limits))
        .contains(
            "iifname \"spabcd*\" update @up { iifname limit rate over 1048576 bytes/second burst 262144 bytes } drop")
        .contains(
            "oifname \"spabcd*\" update @down { oifname limit rate over 1048576 bytes/second burst 262144 bytes } drop");
  }
}
