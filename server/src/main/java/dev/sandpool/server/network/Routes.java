package dev.sandpool.server.network;

import dev.sandpool.server.linux.Command;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The host's routes, and the one that marks a range of addresses as ours. */
final class Routes {
  private static final Path TABLE = Path.of("/proc/net/route");
  private static final int RTF_REJECT = 0x200;

  /**
   * One route of the main table.
   *
   * @param device empty for one that leads nowhere
   * @param metric unsigned, 32 bits
   * @param onLink whether its addresses are neighbours
   */
  record Route(Ipv4Range destination, String device, long metric, boolean onLink) {
    boolean isDefault() {
      return destination.prefix() == 0;
    }
  }

  private final String ip;

  Routes(String ip) {
    this.ip = ip;
  }

  static List<Route> read() throws IOException {
    return parse(Files.readAllLines(TABLE));
  }

  /** Lines of /proc/net/route: Iface Destination Gateway Flags RefCnt Use Metric Mask ... */
  static List<Route> parse(List<String> lines) {
    return lines.stream().skip(1).map(line -> parse(line.split("\\s+"))).toList();
  }

  private static Route parse(String[] fields) {
    boolean nowhere = (Integer.parseInt(fields[3], 16) & RTF_REJECT) != 0;
    int prefix = Integer.bitCount(Integer.parseUnsignedInt(fields[7], 16));
    return new Route(
        new Ipv4Range(address(fields[1]), prefix),
        nowhere ? "" : fields[0],
        Integer.toUnsignedLong((int) Long.parseLong(fields[6])),
        !nowhere && address(fields[2]) == 0);
  }

  /** Written as the machine holds it, which is in the order of the network. */
  private static int address(String hex) {
    int value = Integer.parseUnsignedInt(hex, 16);
    return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? Integer.reverseBytes(value) : value;
  }

  /** The interfaces by which the host reaches the internet. */
  static Set<String> uplinks(List<Route> routes) {
    return routes.stream()
        .filter(route -> route.isDefault() && !route.device().isEmpty())
        .map(Route::device)
        .collect(Collectors.toSet());
  }

  /** The host's own networks, but those to sandboxes of that prefix. */
  static List<Ipv4Range> onLink(List<Route> routes, String prefix) {
    return routes.stream()
        .filter(route -> route.onLink() && !route.isDefault())
        .filter(route -> !route.device().startsWith(prefix))
        .map(Route::destination)
        .distinct()
        .sorted(Comparator.comparing(Ipv4Range::toString))
        .toList();
  }

  /**
   * Marks a range as taken by a route to nowhere. It shows other servers that the range is taken,
   * and it keeps packets for a slot that is gone from leaving the host.
   */
  void claim(Ipv4Range range, long metric) throws IOException {
    Command.require(command("add", range, metric), "");
  }

  /** Removes the mark, there or not. */
  void release(Ipv4Range range, long metric) throws IOException {
    Command.run(command("del", range, metric), "");
  }

  private List<String> command(String verb, Ipv4Range range, long metric) {
    return List.of(
        ip,
        "-4",
        "route",
        verb,
        "unreachable",
        range.toString(),
        "metric",
        Long.toString(metric),
        "proto",
        "static");
  }
}
