package dev.sandpool.server.config;

import java.net.Inet4Address;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A range of IPv4 addresses.
 *
 * @param base its first address
 * @param prefix length of the network part
 */
public record Cidr(Inet4Address base, int prefix) {
  private static final Pattern FORM = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,3}){3})/(\\d{1,2})");

  /**
   * The range of {@code 10.0.0.0/16}, with a prefix in these bounds.
   *
   * @throws IllegalArgumentException for anything else, and for an address that is not the first of
   *     its range: the operator then meant another one
   */
  public static Cidr parse(String text, int least, int most) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is not ADDRESS/PREFIX");
    }
    Inet4Address base = Inet4Address.ofLiteral(matcher.group(1));
    int prefix = Integer.parseInt(matcher.group(2));
    if (prefix < least || prefix > most) {
      throw new IllegalArgumentException("prefix " + prefix + " is not " + least + " to " + most);
    }
    if (prefix < 32 && (toInt(base) & (-1 >>> prefix)) != 0) {
      throw new IllegalArgumentException(text + " is not the first address of its range");
    }
    return new Cidr(base, prefix);
  }

  /** Whether the two have an address in common. */
  boolean overlaps(Cidr other) {
    int shorter = Math.min(prefix, other.prefix);
    int difference = toInt(base) ^ toInt(other.base);
    return shorter == 0 || difference >>> (32 - shorter) == 0;
  }

  private static int toInt(Inet4Address address) {
    return java.nio.ByteBuffer.wrap(address.getAddress()).getInt();
  }

  @Override
  public String toString() {
    return base.getHostAddress() + "/" + prefix;
  }
}
