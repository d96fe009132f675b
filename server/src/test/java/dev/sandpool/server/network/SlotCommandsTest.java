package dev.sandpool.server.network;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SlotCommandsTest {
  private static final Slot CLOSED = new Slot("spabcdaaaabbbb", "10.213.0.2", "10.213.0.3", false);
  private static final Slot OPEN = new Slot("spabcdaaaabbbb", "10.213.0.2", "10.213.0.3", true);

  @Test
  void aSlotHasOneAddressForBothEndsAndNoArp() {
    assertThat(SlotCommands.host(CLOSED))
        .isEqualTo(
            """
            netns add spabcdaaaabbbb
            link add spabcdaaaabbbb address %1$s type veth peer name eth0 address %1$s netns spabcdaaaabbbb
            link set spabcdaaaabbbb arp off addrgenmode none up
            addr add 10.213.0.2/32 peer 10.213.0.3 dev spabcdaaaabbbb
            """
                .formatted(CLOSED.mac()));
    assertThat(CLOSED.mac()).matches("02(:[0-9a-f]{2}){5}");
  }

  @Test
  void withoutEgressThereIsNoWayOut() {
    assertThat(SlotCommands.guest(CLOSED)).doesNotContain("route");
    assertThat(SlotCommands.host(CLOSED)).doesNotContain("group");
  }

  @Test
  void egressComesWithTheInterfacesGroup() {
    assertThat(SlotCommands.guest(OPEN)).contains("route add default via 10.213.0.2\n");
    assertThat(SlotCommands.host(OPEN)).contains("addrgenmode none group 7702 up\n");
  }
}
