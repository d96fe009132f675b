package dev.sandpool.server.gateway;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The proxies before the server whose word is taken for where a request came from.
 *
 * @param ranges their addresses
 * @param proxyProtocol whether they say so before anything else on each connection (PROXY protocol,
 *     version 1 or 2)
 */
public record TrustedProxies(List<Range> ranges, boolean proxyProtocol) {
  private static final Pattern ADDRESS =
      Pattern.compile("(?:[0-9]{1,3}\\.){3}[0-9]{1,3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]{1,45}");

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

  /**
   * Where a request came from: who sent it, or by the word of trusted proxies who sent it to them.
   * What stands further to the left than the first address that is none of theirs may be anything.
   */
  public String caller(HttpServerRequest request) {
    String peer = Objects.requireNonNullElse(request.remoteAddress().hostAddress(), "");
    return ranges.isEmpty() ? peer : caller(peer, request.headers().getAll("x-forwarded-for"));
  }

  String caller(String peer, List<String> headers) {
    if (!include(peer)) {
      return peer;
    }
    String said = String.join(",", headers);
    String caller = peer;
    int end = said.length();
    while (end > 0) {
      int comma = said.lastIndexOf(',', end - 1);
      String next = said.substring(comma + 1, end).strip();
      if (!isAddress(next)) {
        return caller;
      }
      caller = next;
      if (!include(next)) {
        return caller;
      }
      end = comma;
    }
    return caller;
  }

  private static boolean isAddress(String text) {
    try {
      return ADDRESS.matcher(text).matches()
          && InetAddress.ofLiteral(text).getHostAddress() != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static int number(Inet4Address address) {
    return ByteBuffer.wrap(address.getAddress()).getInt();
  }
}
