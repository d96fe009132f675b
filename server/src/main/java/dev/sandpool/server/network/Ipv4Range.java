package dev.sandpool.server.network;

/**
 * A block of IPv4 addresses, and the pairs of addresses that slots get of it.
 *
 * @param base first address as a number
 * @param prefix length of the network part, 8 to 31
 */
public record Ipv4Range(int base, int prefix) {
  public Ipv4Range {
    if (prefix < 0 || prefix > 32 || (base & ~mask(prefix)) != 0) {
      throw new IllegalArgumentException(
          "'" + dotted(base) + "/" + prefix + "' is not a block of addresses");
    }
  }

  /**
   * Parses {@code 10.213.0.0/20}; a plain address is a block of one.
   *
   * @throws IllegalArgumentException naming the text
   */
  public static Ipv4Range parse(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    String[] parts = address.split("\\.", -1);
    try {
      int prefix = slash < 0 ? 32 : Integer.parseInt(text.substring(slash + 1));
      int value = 0;
      for (String part : parts) {
        int octet = Integer.parseInt(part);
        if (octet < 0 || octet > 255) {
          throw new NumberFormatException(part);
        }
        value = value << 8 | octet;
      }
      if (parts.length == 4) {
        return new Ipv4Range(value, prefix);
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is not a block of IPv4 addresses", e);
    }
    throw new IllegalArgumentException("'" + text + "' is not a block of IPv4 addresses");
  }

  /** How many slots it has room for. */
  public int slots() {
    return 1 << (31 - prefix);
  }

  /** The host's end of a slot. */
  public String hostAddress(int slot) {
    return dotted(base + 2 * checked(slot));
  }

  /** The sandbox's end of a slot. */
  public String guestAddress(int slot) {
    return dotted(base + 2 * checked(slot) + 1);
  }

  /** Whether the two have an address in common. */
  public boolean overlaps(Ipv4Range other) {
    int common = mask(Math.min(prefix, other.prefix));
    return (base & common) == (other.base & common);
  }

  private int checked(int slot) {
    if (slot < 0 || slot >= slots()) {
      throw new IllegalArgumentException(
          "slot " + slot + " is outside " + this + ", which has " + slots());
    }
    return slot;
  }

  private static int mask(int prefix) {
    return prefix == 0 ? 0 : -1 << (32 - prefix);
  }

  private static String dotted(int address) {
    return (address >>> 24)
        + "."
        + (address >>> 16 & 255)
        + "."
        + (address >>> 8 & 255)
        + "."
        + (address & 255);
  }

  @Override
  public String toString() {
    return dotted(base) + "/" + prefix;
  }
}
