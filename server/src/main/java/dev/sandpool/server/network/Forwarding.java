package dev.sandpool.server.network;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forwarding on the host's uplinks: switched on with the first slot that has egress, and back to
 * what it was with the last. The host's global switch stays as it is.
 *
 * <p>An uplink that we have switched is fenced: what comes in there goes on to slots with egress
 * and nowhere else, since nothing did before. A host that has become a router meanwhile (somebody
 * has turned on the global switch) keeps what it is then, and has no fence. What was switched is
 * noted for all servers of the host together, until its next boot: the fence is up in the rules of
 * each, and whoever sees the last such slot go switches back.
 */
final class Forwarding {
  private static final Logger LOG = LoggerFactory.getLogger(Forwarding.class);

  /** In the note of an uplink that was switched while the global switch was off. */
  private static final String HOST = "host";

  /** In that of one that was off though the global switch was on: by somebody's own will. */
  private static final String ROUTER = "router";

  private final Host host;

  /**
   * Where the kernel shows the host's network, and where we note what we do to it.
   *
   * @param interfaces a folder for each
   * @param settings of IPv4
   * @param routes its table
   * @param notes a file for each uplink that we have switched; gone with the next boot
   */
  record Host(Path interfaces, Path settings, Path routes, Path notes) {
    /** That of this process. Several servers may share the folder and not the network. */
    static Host current() throws IOException {
      String namespace = Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")).toString();
      return new Host(
          Path.of("/sys/class/net"),
          Path.of("/proc/sys/net/ipv4"),
          Path.of("/proc/net/route"),
          Path.of("/run/sandpool-forwarding").resolve(namespace.replaceAll("\\D", "")));
    }

    private Path forwarding(String device) {
      return settings.resolve("conf").resolve(device).resolve("forwarding");
    }
  }

  /** Keeps what comes in at those interfaces, and at no others, from all but slots. */
  interface Fence {
    void around(Set<String> uplinks) throws IOException;
  }

  Forwarding(Host host) {
    this.host = host;
  }

  /** Lets what comes in at the uplinks go on to slots. */
  synchronized void enable(Fence fence) throws IOException {
    Set<String> off = new TreeSet<>();
    for (String uplink : Routes.uplinks(Routes.parse(Files.readAllLines(host.routes())))) {
      if (isOff(host.forwarding(uplink))) {
        off.add(uplink);
      }
    }
    if (off.removeIf(uplink -> !PacketRules.canName(uplink))) {
      LOG.warn("an uplink has a name that no rule can have: it does not forward for sandboxes");
    }
    if (off.isEmpty()) {
      return;
    }
    String now = isRouter() ? ROUTER : HOST;
    for (String uplink : off) {
      note(uplink, now);
    }
    fence.around(fenced());
    for (String uplink : off) {
      Files.writeString(host.forwarding(uplink), "1");
    }
  }

  /** Restores what was, if no slot of any server has egress; else follows the uplinks. */
  synchronized void settle(Fence fence) throws IOException {
    if (anyEgress()) {
      enable(fence);
    } else if (!noted().isEmpty()) {
      putBack();
      fence.around(fenced());
    }
  }

  /** Restores what was, if no slot of any server has egress; else it is the others' to do. */
  synchronized void leave() throws IOException {
    if (!anyEgress()) {
      putBack();
    }
  }

  private void putBack() throws IOException {
    for (String uplink : noted()) {
      if (isOurs(uplink) && Files.exists(host.forwarding(uplink))) {
        Files.writeString(host.forwarding(uplink), "0");
      }
      Files.deleteIfExists(host.notes().resolve(uplink));
    }
    try {
      Files.deleteIfExists(host.notes());
      Files.deleteIfExists(host.notes().resolveSibling(""));
    } catch (DirectoryNotEmptyException e) {
      // Another server has noted something meanwhile, or has another network.
      LOG.debug("notes of forwarding stay", e);
    }
  }

  /** Has the fence stand as it must now. */
  synchronized void fence(Fence fence) throws IOException {
    fence.around(fenced());
  }

  /** The uplinks that have a fence now. */
  synchronized Set<String> fenced() throws IOException {
    Set<String> fenced = new TreeSet<>();
    for (String uplink : noted()) {
      if (isOurs(uplink)) {
        fenced.add(uplink);
      }
    }
    return fenced;
  }

  /** Whether it forwards for sandboxes alone. */
  private boolean isOurs(String uplink) throws IOException {
    try {
      String was = Files.readString(host.notes().resolve(uplink));
      return !was.equals(HOST) || !isRouter();
    } catch (NoSuchFileException e) {
      return false; // Put back by another server.
    }
  }

  private boolean isRouter() throws IOException {
    return !isOff(host.settings().resolve("ip_forward"));
  }

  /** The kernel takes everything else for on. */
  private static boolean isOff(Path setting) throws IOException {
    return Files.readString(setting).strip().equals("0");
  }

  private Set<String> noted() throws IOException {
    Set<String> noted = new TreeSet<>();
    if (Files.isDirectory(host.notes())) {
      try (DirectoryStream<Path> notes = Files.newDirectoryStream(host.notes())) {
        notes.forEach(note -> noted.add(note.getFileName().toString()));
      }
    }
    return noted;
  }

  private void note(String uplink, String was) throws IOException {
    Files.createDirectories(host.notes());
    try {
      Files.writeString(host.notes().resolve(uplink), was, StandardOpenOption.CREATE_NEW);
    } catch (FileAlreadyExistsException e) {
      // Ours or another server's from before: what was then counts.
      LOG.debug("{} was switched before", uplink);
    }
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
