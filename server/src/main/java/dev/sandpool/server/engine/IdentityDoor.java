package dev.sandpool.server.engine;

import java.net.InetSocketAddress;

/**
 * Where the sandbox of one slot asks for tokens: the host's end of its wire, which nothing else can
 * reach. The address exists as long as the slot does; who answers there is the server's to say.
 *
 * @param host an IPv4 address
 */
public record IdentityDoor(String host, int port) {
  /** The door at that address. */
  public static IdentityDoor of(InetSocketAddress address) {
    return new IdentityDoor(address.getHostString(), address.getPort());
  }
}
