package dev.sandpool.server.audit;

import java.net.URI;
import java.nio.file.Path;

/** Where a collector of system messages listens. */
public sealed interface SyslogAddress {
  /** One datagram a record, RFC 5426. */
  record Udp(String host, int port) implements SyslogAddress {}

  /** One stream, each record after its length, RFC 6587. */
  record Tcp(String host, int port) implements SyslogAddress {}

  /** A socket of datagrams on this machine, {@code /dev/log} for one. */
  record Unix(Path socket) implements SyslogAddress {}

  /**
   * Reads {@code udp://HOST[:PORT]}, {@code tcp://HOST[:PORT]} or {@code unix:///PATH}.
   *
   * @throws IllegalArgumentException for anything else
   */
  static SyslogAddress parse(String text) {
    URI uri = URI.create(text);
    String scheme = uri.getScheme() == null ? "" : uri.getScheme();
    boolean plain =
        uri.getUserInfo() == null && uri.getQuery() == null && uri.getFragment() == null;
    String path = uri.getPath() == null ? "" : uri.getPath();
    if (plain && scheme.equals("unix") && uri.getAuthority() == null && path.startsWith("/")) {
      return new Unix(Path.of(path));
    }
    if (plain && uri.getHost() != null && path.isEmpty()) {
      switch (scheme) {
        case "udp" -> {
          return new Udp(uri.getHost(), port(uri, 514));
        }
        case "tcp" -> {
          return new Tcp(uri.getHost(), port(uri, 601));
        }
        default -> {}
      }
    }
    throw new IllegalArgumentException("'" + text + "' is no address of a collector");
  }

  private static int port(URI uri, int standard) {
    return uri.getPort() < 0 ? standard : uri.getPort();
  }
}
