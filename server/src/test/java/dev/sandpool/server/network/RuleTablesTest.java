package dev.sandpool.server.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sandpool.server.linux.Nftables;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Rules that could not be made, and are taken for made. */
class RuleTablesTest {
  private static final Ipv4Range OWN = Ipv4Range.parse("8.8.8.0/24");

  @Test
  void networksThatCouldNotBeFollowedAreFollowedAtTheNextLook() throws IOException {
    var facts = new PacketRules.Facts("spabcd", List.of(), List.of(), List.of(), 42356, Set.of());
    try (RuleTables tables = closed(facts)) {
      for (int look = 0; look < 2; look++) {
        assertThatThrownBy(() -> tables.follow(List.of(OWN), Set.of()))
            .as("look %d", look)
            .isInstanceOf(IOException.class);
      }
      assertThat(tables.follow(List.of(), Set.of())).as("what is in force already").isFalse();
    }
  }

  /** Whose library takes no more commands. */
  private static RuleTables closed(PacketRules.Facts facts) {
    try (Nftables nft = Nftables.open()) {
      return new RuleTables(nft, facts, TrafficLimits.defaults());
    } catch (IOException e) {
      assumeTrue(false, e.getMessage());
      throw new AssertionError(e);
    }
  }
}
