package dev.sandpool.server.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv4RangeTest {
  @Test
  void slotsGetPairsOfAddresses() {
    Ipv4Range range = Ipv4Range.parse("10.213.16.0/20");

    assertThat(range.slots()).isEqualTo(2048);
    assertThat(range.hostAddress(0)).isEqualTo("10.213.16.0");
    assertThat(range.guestAddress(2047)).isEqualTo("10.213.31.255");
    assertThatThrownBy(() -> range.guestAddress(2048)).hasMessageContaining("10.213.16.0/20");
  }

  @Test
  void overlapIsSeenBothWays() {
    Ipv4Range big = Ipv4Range.parse("10.0.0.0/8");
    Ipv4Range small = Ipv4Range.parse("10.213.0.1");

    assertThat(big.overlaps(small)).isTrue();
    assertThat(small.overlaps(big)).isTrue();
    assertThat(Ipv4Range.parse("10.213.0.0/20").overlaps(Ipv4Range.parse("10.213.16.0/20")))
        .isFalse();
    assertThat(Ipv4Range.parse("0.0.0.0/0").overlaps(small)).isTrue();
    assertThat(Ipv4Range.parse("224.0.0.0/3").overlaps(small)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "10.0.0", "10.0.0.256", "10.0.0.1/20", "10.0.0.0/33", "a.b.c.d"})
  void whatIsNoRangeIsRefusedByName(String text) {
    assertThatThrownBy(() -> Ipv4Range.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(text);
  }

  @Test
  void aLineForResolversThatIsNoneCostsNoSandboxItsStart() {
    assertThat(
            Resolvers.publicOnes(
                List.of(
                    "nameserver 9.9.9.9 # ours",
                    "nameserver 1.1.1",
                    "nameserver 8.8.8.800",
                    "nameserver ...",
                    "nameserver 9.0.0.0/8",
                    "nameserver 8.8.4.4\ttrust-ad",
                    "#nameserver 8.8.8.8")))
        .containsExactly("9.9.9.9", "8.8.4.4");
  }

  @Test
  void onlyPublicResolversAreForSandboxes() {
    assertThat(
            Resolvers.publicOnes(
                List.of(
                    "# x",
                    "nameserver 127.0.0.53",
                    "nameserver 168.63.129.16",
                    "nameserver 9.9.9.9",
                    "nameserver ::1")))
        .containsExactly("9.9.9.9");
  }
}
