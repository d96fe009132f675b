package dev.sandpool.server.network;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/**
 * Forwarding on the host's uplinks: switched on with the first slot that has egress, and back to
 * what it was with the last. The host's global switch stays as it is.
 */
final class Forwarding {
  private static final Path SETTINGS = Path.of("/proc/sys/net/ipv4/conf");

  private final Path remembered;
  private final Path interfaces;

  /**
   * @param remembered keeps which uplinks we have switched
   * @param interfaces where the host shows its interfaces
   */
  Forwarding(Path remembered, Path interfaces) {
    this.remembered = remembered;
    this.interfaces = interfaces;
  }

  /** Lets what comes in at the uplinks go on to slots. */
  synchronized void enable() throws IOException {
    for (String uplink : Routes.uplinks(Routes.read())) {
      Path setting = setting(uplink);
      if (!Files.readString(setting).strip().equals("1")) {
        Set<String> ours = ours();
        ours.add(uplink);
        Files.write(remembered, ours);
        Files.writeString(setting, "1");
      }
    }
  }

  /** Restores what was, if no slot of any server has egress; else follows the uplinks. */
  synchronized void settle() throws IOException {
    if (!Files.exists(remembered)) {
      return;
    }
    if (anyEgress()) {
      enable();
      return;
    }
    for (String uplink : ours()) {
      if (Files.exists(setting(uplink))) {
        Files.writeString(setting(uplink), "0");
      }
    }
    Files.delete(remembered);
  }

  private Set<String> ours() throws IOException {
    return Files.exists(remembered)
        ? new TreeSet<>(Files.readAllLines(remembered))
        : new TreeSet<>();
  }

  private boolean anyEgress() throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(interfaces)) {
      for (Path one : all) {
        if (Slot.reachesOut(group(one))) {
          return true;
        }
      }
    }
    return false;
  }

  private static int group(Path device) {
    try {
      return Integer.decode(Files.readString(device.resolve("netdev_group")).strip());
    } catch (IOException | NumberFormatException e) {
      return 0; // Gone meanwhile, or no interface.
    }
  }

  private static Path setting(String device) {
    return SETTINGS.resolve(device).resolve("forwarding");
  }
}
