package dev.sandpool.server.network;

import dev.sandpool.model.Json;
import dev.sandpool.server.linux.Command;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** The host's routes, and the one that marks a range of addresses as ours. */
final class Routes {
  /**
   * One route.
   *
   * @param destination empty for the default route
   */
  record Route(
      Optional<Ipv4Range> destination, String type, String device, long metric, boolean onLink) {}

  private final String ip;

  Routes(String ip) {
    this.ip = ip;
  }

  List<Route> read() throws IOException {
    return parse(Command.require(List.of(ip, "-j", "-4", "route", "show"), ""));
  }

  static List<Route> parse(String json) {
    List<Route> routes = new ArrayList<>();
    for (JsonNode route : Json.MAPPER.readTree(json.isEmpty() ? "[]" : json)) {
      String destination = route.path("dst").asString("default");
      routes.add(
          new Route(
              destination.equals("default")
                  ? Optional.empty()
                  : Optional.of(Ipv4Range.parse(destination)),
              route.path("type").asString("unicast"),
              route.path("dev").asString(""),
              route.path("metric").asLong(0),
              route.path("scope").asString("").equals("link")));
    }
    return routes;
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
