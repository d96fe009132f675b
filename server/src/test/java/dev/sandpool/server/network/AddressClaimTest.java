package dev.sandpool.server.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.InstanceId;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Addresses that belong to a server for ever because nobody can tell whose they are. */
class AddressClaimTest {
  private static final Ipv4Range RANGE = Ipv4Range.parse("10.213.16.0/20");

  @RepeatedTest(20)
  void aClaimTellsItsServer() {
    InstanceId owner = InstanceId.random(RandomGenerator.getDefault());
    assertThat(AddressClaim.of(nowhere(AddressClaim.metric(owner))))
        .contains(new AddressClaim(owner, RANGE));
  }

  @Test
  void theMetricIsTheOneThatEarlierServersHadAndFitsIntoIts32Bits() {
    assertThat(AddressClaim.metric(new InstanceId("aaaa"))).isEqualTo(4_000_000_000L);
    assertThat(AddressClaim.metric(new InstanceId("kaco"))).isEqualTo(4_000_327_758L);
    assertThat(AddressClaim.metric(new InstanceId("7777"))).isLessThan(1L << 32);
  }

  @Test
  void routesOfOthersAreNoClaims() {
    assertThat(AddressClaim.of(nowhere(0))).isEmpty();
    assertThat(AddressClaim.of(nowhere(4_000_000_000L + (1 << 20)))).isEmpty();
    assertThat(AddressClaim.of(new Routes.Route(RANGE, "eth0", 4_000_327_758L, true))).isEmpty();
  }

  private static Routes.Route nowhere(long metric) {
    return new Routes.Route(RANGE, "", metric, false);
  }
}
