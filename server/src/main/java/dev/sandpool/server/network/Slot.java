package dev.sandpool.server.network;

import java.nio.file.Path;

/**
 * A network for one sandbox: a namespace joined to the host by a point-to-point pair of interfaces,
 * used once.
 *
 * @param name of the namespace and of the host's interface
 * @param hostAddress the host's end
 * @param guestAddress the sandbox's end
 * @param egress whether it may reach the internet
 */
public record Slot(String name, String hostAddress, String guestAddress, boolean egress) {
  /** The group of interfaces whose sandboxes may reach the internet; dies with the interface. */
  static final int EGRESS_GROUP = 7702;

  /** The interface in the namespace to which a virtual machine's network card is joined. */
  public static final String TAP = "tap0";

  static final Path NAMESPACES = Path.of("/run/netns");

  /** The file that stands for its network namespace. */
  public Path namespace() {
    return NAMESPACES.resolve(name);
  }

  /** The group of its host's end. */
  int group() {
    return egress ? EGRESS_GROUP : 0;
  }

  /**
   * Both ends have this address and ARP is off: the host then takes whatever the sandbox sends to
   * it, and nothing that the sandbox says can change where frames go.
   */
  public String mac() {
    int hash = name.hashCode();
    return "02:53:%02x:%02x:%02x:%02x"
        .formatted(hash >>> 24, hash >>> 16 & 255, hash >>> 8 & 255, hash & 255);
  }
}
