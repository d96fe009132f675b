package dev.sandpool.server.session;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What one caller usually has of addresses: one of IPv4, or a network of 64 bits of IPv6. What is
 * bounded for each address is bounded for these: 2^64 addresses are to be had by everybody.
 */
public final class CallerNetwork {
  private static final int BYTES = 8;

  private CallerNetwork() {}

  /** That of an address in digits; of what is none, the text itself. */
  public static String of(String address) {
    if (address.indexOf(':') < 0) {
      return address;
    }
    try {
      InetAddress literal = InetAddress.ofLiteral(address);
      return literal instanceof Inet6Address six
          ? HexFormat.of().formatHex(Arrays.copyOf(six.getAddress(), BYTES))
          : literal.getHostAddress();
    } catch (IllegalArgumentException e) {
      return address;
    }
  }
}
