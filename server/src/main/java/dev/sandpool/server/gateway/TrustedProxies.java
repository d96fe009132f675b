package dev.sandpool.server.gateway;

import io.vertx.core.net.SocketAddress;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The proxies before the server whose word is taken for where a request came from.
 *
 * @param ranges their addresses
 * @param proxyProtocol whether they say so before anything else on each connection (PROXY protocol,
 *     version 1 or 2)
 */
public record TrustedProxies(List<Range> ranges, boolean proxyProtocol) {
  /** Nobody: callers speak to the server themselves. */
  public static final TrustedProxies NONE = new TrustedProxies(List.of());

  /** Those who say it in headers alone. */
  public TrustedProxies(List<Range> ranges) {
    this(ranges, false);
  }

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
    return !ranges.isEmpty() && include(peer.hostAddress());
  }

  /** The same of an address in digits. */
  boolean include(@Nullable String address) {
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
