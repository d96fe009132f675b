package dev.sandpool.server.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Switches forwarding on between one slot and the uplink. The host's global switch stays as it is:
 * the two interfaces' own are enough, and nothing is touched while no sandbox has egress.
 */
final class Forwarding {
  private Forwarding() {}

  static void enable(String slot, List<Routes.Route> routes) throws IOException {
    forward(slot);
    for (Routes.Route route : routes) {
      if (route.destination().isEmpty() && !route.device().isEmpty()) {
        forward(route.device());
      }
    }
  }

  private static void forward(String device) throws IOException {
    Path file = Path.of("/proc/sys/net/ipv4/conf", device, "forwarding");
    if (!Files.readString(file).strip().equals("1")) {
      Files.writeString(file, "1");
    }
  }
}
