package dev.sandpool.server.network;

import dev.sandpool.server.linux.NetlinkMessage;
import dev.sandpool.server.linux.NetlinkSocket;
import dev.sandpool.server.linux.Syscalls;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Interfaces, addresses, routes and neighbours of one network namespace (rtnetlink(7)). What each
 * method does is a word of {@code ip}; numbers are those of the kernel's headers.
 */
final class Links implements AutoCloseable {
  /** Number of the loopback interface in every namespace. */
  static final int LOOPBACK = 1;

  private static final int RTM_NEWLINK = 16;
  private static final int RTM_DELLINK = 17;
  private static final int RTM_GETLINK = 18;
  private static final int RTM_NEWADDR = 20;
  private static final int RTM_NEWROUTE = 24;
  private static final int RTM_NEWNEIGH = 28;
  private static final int CREATE_EXCLUSIVELY = 0x200 | 0x400;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int IFF_UP = 1;
  private static final int IFF_NOARP = 0x80;
  private static final int IFLA_ADDRESS = 1;
  private static final int IFLA_IFNAME = 3;
  private static final int IFLA_LINKINFO = 18;
  private static final int IFLA_NET_NS_PID = 19;
  private static final int IFLA_AF_SPEC = 26;
  private static final int IFLA_GROUP = 27;
  private static final int IFLA_NUM_TX_QUEUES = 31;
  private static final int IFLA_NUM_RX_QUEUES = 32;
  private static final int IFLA_INFO_KIND = 1;
  private static final int IFLA_INFO_DATA = 2;
  private static final int VETH_INFO_PEER = 1;
  private static final int IFLA_INET_CONF = 1;
  private static final int DEVCONF_FORWARDING = 1;
  private static final int DEVCONF_RP_FILTER = 8;
  private static final int IFLA_INET6_ADDR_GEN_MODE = 8;
  private static final byte[] NO_ADDRESSES = {1};
  private static final int IFA_ADDRESS = 1;
  private static final int IFA_LOCAL = 2;
  private static final int RTA_DST = 1;
  private static final int RTA_OIF = 4;
  private static final int RTA_GATEWAY = 5;
  private static final int MAIN_TABLE = 254;
  private static final int BY_HAND = 3;
  private static final int UNICAST = 1;
  private static final int ON_LINK = 253;
  private static final int NDA_DST = 1;
  private static final int NDA_LLADDR = 2;
  private static final int NUD_PERMANENT = 0x80;
  private static final int NLM_F_REPLACE = 0x100;
  private static final int NLM_F_CREATE = 0x400;
  private static final int ENODEV = 19;

  private final NetlinkSocket socket;

  private Links(NetlinkSocket socket) {
    this.socket = socket;
  }

  /** Those of the namespace in which the calling thread is. */
  static Links open() throws IOException {
    return new Links(NetlinkSocket.open(NetlinkSocket.ROUTE));
  }

  /**
   * Makes a pair of interfaces that are down, without ARP, both with that hardware address. One
   * queue is enough for either; by default the kernel would make one for each processor.
   *
   * @param peer name of the other end, in the namespace of the thread {@code peerThread}
   */
  void pair(String name, int group, String mac, String peer, int peerThread) throws IOException {
    var message =
        link(RTM_NEWLINK, CREATE_EXCLUSIVELY, 0, IFF_NOARP, IFF_NOARP)
            .attribute(IFLA_IFNAME, name)
            .attribute(IFLA_ADDRESS, bytes(mac))
            .attribute(IFLA_GROUP, group)
            .attribute(IFLA_NUM_TX_QUEUES, 1)
            .attribute(IFLA_NUM_RX_QUEUES, 1)
            .nest(
                IFLA_LINKINFO,
                info ->
                    info.attribute(IFLA_INFO_KIND, "veth")
                        .nest(IFLA_INFO_DATA, data -> peer(data, mac, peer, peerThread)));
    socket.request(message, "making the interfaces " + name + " and " + peer);
  }

  private static void peer(NetlinkMessage data, String mac, String peer, int peerThread) {
    data.nest(
        VETH_INFO_PEER,
        other ->
            other
                .word(0)
                .word(0)
                .word(IFF_NOARP)
                .word(IFF_NOARP)
                .attribute(IFLA_IFNAME, peer)
                .attribute(IFLA_ADDRESS, bytes(mac))
                .attribute(IFLA_NUM_TX_QUEUES, 1)
                .attribute(IFLA_NUM_RX_QUEUES, 1)
                .attribute(IFLA_NET_NS_PID, peerThread));
  }

  /** The number of an interface, or nothing if there is none of that name. */
  Optional<Integer> index(String name) throws IOException {
    try {
      ByteBuffer answer =
          socket.request(
              link(RTM_GETLINK, 0, 0, 0, 0).attribute(IFLA_IFNAME, name),
              "looking for the interface " + name);
      return Optional.of(answer.getInt(4));
    } catch (Syscalls.SyscallException e) {
      if (e.errno() == ENODEV) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** No IPv6 address is made up for it; only where the host has IPv6 at all. */
  void noAddressesOfItsOwn(int index) throws IOException {
    socket.request(
        link(RTM_NEWLINK, 0, index, 0, 0)
            .nest(
                IFLA_AF_SPEC,
                families ->
                    families.nest(
                        AF_INET6, six -> six.attribute(IFLA_INET6_ADDR_GEN_MODE, NO_ADDRESSES))),
        "keeping IPv6 addresses off interface " + index);
  }

  /** Whether packets that come in there may go elsewhere, and only with a source from there. */
  void forwarding(int index, boolean on) throws IOException {
    socket.request(
        link(RTM_NEWLINK, 0, index, 0, 0)
            .nest(
                IFLA_AF_SPEC,
                families ->
                    families.nest(
                        AF_INET,
                        four ->
                            four.nest(
                                IFLA_INET_CONF,
                                conf ->
                                    conf.attribute(DEVCONF_FORWARDING, on ? 1 : 0)
                                        .attribute(DEVCONF_RP_FILTER, 1)))),
        "setting forwarding of interface " + index);
  }

  void group(int index, int group) throws IOException {
    socket.request(
        link(RTM_NEWLINK, 0, index, 0, 0).attribute(IFLA_GROUP, group),
        "setting the group of interface " + index);
  }

  void delete(int index) throws IOException {
    socket.request(link(RTM_DELLINK, 0, index, 0, 0), "deleting interface " + index);
  }

  void up(int index) throws IOException {
    socket.request(link(RTM_NEWLINK, 0, index, IFF_UP, IFF_UP), "taking interface up " + index);
  }

  /**
   * Gives an interface its address.
   *
   * @param peer address of the other end, or the same one
   */
  void address(int index, String local, String peer, int prefix) throws IOException {
    socket.request(
        new NetlinkMessage(RTM_NEWADDR, CREATE_EXCLUSIVELY)
            .octets(AF_INET, prefix, 0, 0)
            .word(index)
            .attribute(IFA_LOCAL, address(local))
            .attribute(IFA_ADDRESS, address(peer)),
        "giving interface " + index + " the address " + local);
  }

  /** Says for good where the frames for an address go. */
  void neighbour(int index, String address, String mac) throws IOException {
    socket.request(
        new NetlinkMessage(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE)
            .octets(AF_INET, 0, 0, 0)
            .word(index)
            .octets(NUD_PERMANENT, 0, 0, 0)
            .attribute(NDA_DST, address(address))
            .attribute(NDA_LLADDR, bytes(mac)),
        "setting the neighbour " + address);
  }

  void defaultRoute(int index, String gateway) throws IOException {
    socket.request(
        new NetlinkMessage(RTM_NEWROUTE, CREATE_EXCLUSIVELY)
            .octets(AF_INET, 0, 0, 0)
            .octets(MAIN_TABLE, BY_HAND, 0, UNICAST)
            .word(0)
            .attribute(RTA_GATEWAY, address(gateway))
            .attribute(RTA_OIF, index),
        "setting the default route by " + gateway);
  }

  /** Sends all frames for an address there, with the interface's own hardware address. */
  void routeOn(int index, String to, int prefix) throws IOException {
    var message =
        new NetlinkMessage(RTM_NEWROUTE, CREATE_EXCLUSIVELY)
            .octets(AF_INET, prefix, 0, 0)
            .octets(MAIN_TABLE, BY_HAND, ON_LINK, UNICAST)
            .word(0)
            .attribute(RTA_OIF, index);
    if (prefix > 0) {
      message.attribute(RTA_DST, address(to));
    }
    socket.request(message, "setting the route to " + to);
  }

  /** Gives an interface its hardware address, and switches ARP off. */
  void hardwareWithoutArp(int index, String mac) throws IOException {
    socket.request(
        link(RTM_NEWLINK, 0, index, IFF_NOARP, IFF_NOARP).attribute(IFLA_ADDRESS, bytes(mac)),
        "setting the hardware address of interface " + index);
  }

  private static NetlinkMessage link(int type, int flags, int index, int set, int change) {
    return new NetlinkMessage(type, flags).word(0).word(index).word(set).word(change);
  }

  private static byte[] address(String text) {
    return Inet4Address.ofLiteral(text).getAddress();
  }

  private static byte[] bytes(String mac) {
    return HexFormat.of().parseHex(mac.replace(":", ""));
  }

  @Override
  public void close() {
    socket.close();
  }
}
