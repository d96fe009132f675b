package dev.sandpool.server.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RoutesTest {
  /** As kernels print it: one with a gateway, one to nowhere, a network, a tunnel, a slot. */
  private static final List<Routes.Route> ROUTES =
      Routes.parse(
          """
          Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
          eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
          *\t00F0D50A\t00000000\t0201\t0\t0\t4000000001\t00F0FFFF\t0\t0\t0
          eth0\t00040808\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
          tun0\t00000000\t00000000\t0001\t0\t0\t50\t00000000\t0\t0\t0
          spabcdx\t01F0D50A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0
          """
              .lines()
              .toList());

  @Test
  void aMarkOfAnotherServerIsSeenWithItsMetric() {
    assertThat(ROUTES.get(1))
        .isEqualTo(new Routes.Route(Ipv4Range.parse("10.213.240.0/20"), "", 4_000_000_001L, false));
  }

  @Test
  void theHostsOwnNetworksAreNeitherDefaultRoutesNorSlots() {
    assertThat(Routes.onLink(ROUTES, "spabcd")).containsExactly(Ipv4Range.parse("8.8.4.0/24"));
  }

  @Test
  void everyDefaultRouteIsAnUplink() {
    assertThat(Routes.uplinks(ROUTES)).containsExactlyInAnyOrder("eth0", "tun0");
  }
}
