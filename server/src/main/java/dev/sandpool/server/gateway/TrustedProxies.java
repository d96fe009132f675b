package dev.sandpool.server.gateway;

import io.vertx.core.net.SocketAddress;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The proxies before the server whose word is taken for where a request came from.
 *
 * @param ranges their addresses
 */
public record TrustedProxies(List<Range> ranges) {
  /** Nobody: callers speak to the server themselves. */
  public static final TrustedProxies NONE = new TrustedProxies(List.of());

  /** The ranges may be changed by nobody afterwards. */
  public TrustedProxies {
    ranges = List.copyOf(ranges);
  }

  /**
   * A range of IPv4 addresses.
   *
   * @param first its first address
   * @param prefix how many bits its addresses share, 0 to 32
   */
  public record Range(Inet4Address first, int prefix) {
    private boolean includes(int address) {
      return prefix == 0 || (number(first) ^ address) >>> (32 - prefix) == 0;
    }
  }

  /** Whether that peer is one of them; one of IPv6 is not. */
  boolean include(SocketAddress peer) {
    if (ranges.isEmpty()) {
      return false;
    }
    String address = peer.hostAddress();
    if (address == null || address.indexOf(':') >= 0) {
      return false;
    }
    int number = number(Inet4Address.ofLiteral(address));
    return ranges.stream().anyMatch(range -> range.includes(number));
  }

  private static int number(Inet4Address address) {
    return ByteBuffer.wrap(address.getAddress()).getInt();
  }
}
