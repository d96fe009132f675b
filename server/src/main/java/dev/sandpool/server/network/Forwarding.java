package dev.sandpool.server.network;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import java.util.TreeSet;

/**
 * Forwarding on the host's uplinks: switched on with the first slot that has egress, and back to
 * what it was with the last. The host's global switch stays as it is.
 *
 * <p>An uplink that we have switched is fenced: what comes in there goes on to slots and nowhere
 * else, since nothing did before. A host that has become a router meanwhile (somebody has turned on
 * the global switch) keeps what it is then, and has no fence.
 */
final class Forwarding {
  private final Path remembered;
  private final Host host;

  /**
   * Where the kernel shows the host's network.
   *
   * @param interfaces a folder for each
   * @param settings of IPv4
   * @param routes its table
   */
  record Host(Path interfaces, Path settings, Path routes) {
    static final Host THIS =
        new Host(
            Path.of("/sys/class/net"), Path.of("/proc/sys/net/ipv4"), Path.of("/proc/net/route"));

    private Path forwarding(String device) {
      return settings.resolve("conf").resolve(device).resolve("forwarding");
    }
  }

  /** Keeps what comes in at those interfaces, and at no others, from all but slots. */
  interface Fence {
    void around(Set<String> uplinks) throws IOException;
  }

  /**
   * @param remembered keeps which uplinks we have switched
   */
  Forwarding(Path remembered, Host host) {
    this.remembered = remembered;
    this.host = host;
  }

  /** Lets what comes in at the uplinks go on to slots. */
  synchronized void enable(Fence fence) throws IOException {
    Set<String> switched = switched();
    Set<String> off = new TreeSet<>();
    for (String uplink : Routes.uplinks(Routes.parse(Files.readAllLines(host.routes())))) {
      if (isOff(host.forwarding(uplink))) {
        off.add(uplink);
      }
    }
    if (off.isEmpty()) {
      return;
    }
    switched.addAll(off);
    remember(switched);
    fence.around(fenced());
    for (String uplink : off) {
      Files.writeString(host.forwarding(uplink), "1");
    }
  }

  /** Restores what was, if no slot of any server has egress; else follows the uplinks. */
  synchronized void settle(Fence fence) throws IOException {
    if (!Files.exists(remembered)) {
      return;
    }
    if (anyEgress()) {
      enable(fence);
      return;
    }
    if (!isRouter()) {
      for (String uplink : switched()) {
        if (Files.exists(host.forwarding(uplink))) {
          Files.writeString(host.forwarding(uplink), "0");
        }
      }
    }
    Files.delete(remembered);
    fence.around(fenced());
  }

  /** Has the fence stand as it must now. */
  synchronized void fence(Fence fence) throws IOException {
    fence.around(fenced());
  }

  /** The uplinks that have a fence now. */
  synchronized Set<String> fenced() throws IOException {
    return isRouter() ? Set.of() : switched();
  }

  private boolean isRouter() throws IOException {
    return !isOff(host.settings().resolve("ip_forward"));
  }

  private static boolean isOff(Path setting) throws IOException {
    return !Files.readString(setting).strip().equals("1");
  }

  private Set<String> switched() throws IOException {
    return Files.exists(remembered)
        ? new TreeSet<>(Files.readAllLines(remembered))
        : new TreeSet<>();
  }

  private void remember(Set<String> switched) throws IOException {
    Path fresh = remembered.resolveSibling(remembered.getFileName() + ".new");
    Files.write(fresh, switched);
    Files.move(fresh, remembered, StandardCopyOption.ATOMIC_MOVE);
  }

  private boolean anyEgress() throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(host.interfaces())) {
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
}
