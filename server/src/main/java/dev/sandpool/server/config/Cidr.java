package dev.sandpool.server.config;

import java.net.Inet4Address;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A range of IPv4 addresses.
 *
 * @param base its first address
 * @param prefix 8 to 24
 */
public record Cidr(Inet4Address base, int prefix) {
  private static final Pattern FORM = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,3}){3})/(\\d{1,2})");

  /**
   * The range of {@code 10.0.0.0/16}.
   *
   * @throws IllegalArgumentException for anything else, and for an address that is not the first of
   *     its range: the operator then meant another one
   */
  public static Cidr parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is not ADDRESS/PREFIX");
    }
    Inet4Address base = Inet4Address.ofLiteral(matcher.group(1));
    int prefix = Integer.parseInt(matcher.group(2));
    if (prefix < 8 || prefix > 24) {
      throw new IllegalArgumentException("prefix " + prefix + " is not 8 to 24");
    }
    if ((toInt(base) & (-1 >>> prefix)) != 0) {
      throw new IllegalArgumentException(text + " is not the first address of its range");
    }
    return new Cidr(base, prefix);
  }

  private static int toInt(Inet4Address address) {
    return java.nio.ByteBuffer.wrap(address.getAddress()).getInt();
  }

  @Override
  public String toString() {
    return base.getHostAddress() + "/" + prefix;
  }
}
