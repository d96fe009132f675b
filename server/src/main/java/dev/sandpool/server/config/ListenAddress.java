package dev.sandpool.server.config;

import java.net.InetAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where to listen.
 *
 * @param host an address or a name, IPv6 addresses without brackets
 * @param port 0 to 65535, 0 for any free one
 */
public record ListenAddress(String host, int port) {
  private static final Pattern FORM =
      Pattern.compile("(?:\\[([0-9A-Fa-f:.%a-z]+)]|([^:\\[\\]\\s/]+)):(\\d{1,5})");

  public ListenAddress {
    if (host.isEmpty() || port < 0 || port > 65535) {
      throw new IllegalArgumentException("'" + host + ":" + port + "' is not HOST:PORT");
    }
  }

  /**
   * The address of {@code HOST:PORT} or {@code [IPV6]:PORT}.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static ListenAddress parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is not HOST:PORT");
    }
    String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
    return new ListenAddress(host, Integer.parseInt(matcher.group(3)));
  }

  /**
   * Whether only this machine can reach it. Of names only {@code localhost} counts: what another
   * one means is for the resolver to say, and may change.
   */
  public boolean isLoopback() {
    if (host.equals("localhost")) {
      return true;
    }
    try {
      return InetAddress.ofLiteral(host).isLoopbackAddress();
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /** The same host with the port that was really bound. */
  public ListenAddress withPort(int bound) {
    return new ListenAddress(host, bound);
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
