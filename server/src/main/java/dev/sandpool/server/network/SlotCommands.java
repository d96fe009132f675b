package dev.sandpool.server.network;

/** The input of {@code ip -batch} that makes a slot; pure. */
final class SlotCommands {
  /** The group of interfaces whose sandboxes may reach the internet; dies with the interface. */
  static final int EGRESS_GROUP = 7702;

  private SlotCommands() {}

  /** What runs in the host's namespace. */
  static String host(Slot slot) {
    String name = slot.name();
    String group = slot.egress() ? " group " + EGRESS_GROUP : "";
    return """
    netns add %1$s
    link add %1$s address %2$s type veth peer name eth0 address %2$s netns %1$s
    link set %1$s arp off addrgenmode none%3$s up
    addr add %4$s/32 peer %5$s dev %1$s
    """
        .formatted(name, slot.mac(), group, slot.hostAddress(), slot.guestAddress());
  }

  /**
   * What runs in the slot's namespace. Without egress there is no default route, so that connecting
   * elsewhere fails at once. The mask is /31, because gVisor cannot take over a peer address.
   */
  static String guest(Slot slot) {
    String route = slot.egress() ? "route add default via " + slot.hostAddress() + "\n" : "";
    return """
    link set lo up
    link set eth0 arp off addrgenmode none up
    addr add %1$s/31 dev eth0
    neigh add %2$s lladdr %3$s dev eth0 nud permanent
    """
            .formatted(slot.guestAddress(), slot.hostAddress(), slot.mac())
        + route;
  }
}
