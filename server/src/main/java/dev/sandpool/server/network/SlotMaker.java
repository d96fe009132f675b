package dev.sandpool.server.network;

import dev.sandpool.server.linux.Parallel;
import dev.sandpool.server.linux.Syscalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.OptionalInt;

/**
 * Makes slots by netlink: what {@code ip netns add} and two runs of {@code ip -batch} would do, in
 * a fifth of their processor time.
 */
final class SlotMaker {
  private static final String GUEST_INTERFACE = "eth0";
  private static final Path IPV6 = Path.of("/proc/sys/net/ipv6/conf");
  private static final int GUEST_PREFIX = 31;
  private static final int HOST_PREFIX = 32;

  private final boolean ipv6 = Files.isDirectory(IPV6);
  private boolean folderMade;

  /**
   * Makes a slot, both ends up.
   *
   * @param tapOwner user of a virtual machine's monitor, where one shall be joined to it
   * @throws IOException naming the step; nothing of it is left then
   */
  void make(Slot slot, OptionalInt tapOwner) throws IOException {
    boolean made = false;
    try (Links host = Links.open()) {
      Parallel.onThreadOfItsOwn("slot", () -> makeGuestEnd(slot, host, tapOwner));
      makeHostEnd(slot, host);
      made = true;
    } finally {
      if (!made) {
        remove(slot.name());
      }
    }
  }

  /**
   * Takes away what keeps a slot's namespace: it ends with the last process in it, and the
   * interfaces with it. Does nothing if there is none.
   */
  static void remove(String name) throws IOException {
    Path namespace = Slot.NAMESPACES.resolve(name);
    try {
      Syscalls.unmount(namespace, Syscalls.MNT_DETACH);
    } catch (Syscalls.SyscallException e) {
      if (e.errno() != Syscalls.ENOENT && e.errno() != Syscalls.EINVAL) {
        throw e;
      }
    }
    Files.deleteIfExists(namespace);
  }

  // --- the guest's end, in the namespace of a thread of its own --------------------------------

  private void makeGuestEnd(Slot slot, Links host, OptionalInt tapOwner) throws IOException {
    makeFolder();
    Files.createFile(
        slot.namespace(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("r--r--r--")));
    Syscalls.unshare(Syscalls.CLONE_NEWNET);
    Syscalls.mount("/proc/thread-self/ns/net", slot.namespace(), null, Syscalls.MS_BIND, null);
    try (Links guest = Links.open()) {
      host.pair(slot.name(), slot.group(), slot.mac(), GUEST_INTERFACE, threadId());
      int index = required(guest, GUEST_INTERFACE);
      guest.up(Links.LOOPBACK);
      if (ipv6) {
        guest.noAddressesOfItsOwn(index);
        Files.writeString(IPV6.resolve(GUEST_INTERFACE).resolve("disable_ipv6"), "1");
      }
      guest.up(index);
      if (tapOwner.isPresent()) {
        passOn(slot, guest, index, tapOwner.getAsInt());
        return;
      }
      // Not a peer address, because gVisor's own stack cannot take one over.
      guest.address(index, slot.guestAddress(), slot.guestAddress(), GUEST_PREFIX);
      guest.neighbour(index, slot.hostAddress(), slot.mac());
      if (slot.egress()) {
        // Without it connecting elsewhere fails at once.
        guest.defaultRoute(index, slot.hostAddress());
      }
    }
  }

  /**
   * The namespace becomes the one hop between the host and a virtual machine: it has no address,
   * and passes packets for the guest's to the tap and all from there to the host. Frames of the
   * guest's making go no further than the tap.
   */
  private void passOn(Slot slot, Links guest, int uplink, int owner) throws IOException {
    if (ipv6) {
      Files.writeString(IPV6.resolve("all/disable_ipv6"), "1");
      Files.writeString(IPV6.resolve("default/disable_ipv6"), "1");
    }
    Taps.make(Slot.TAP, owner);
    int tap = required(guest, Slot.TAP);
    guest.hardwareWithoutArp(tap, slot.mac());
    guest.up(tap);
    guest.forwarding(uplink, true);
    guest.forwarding(tap, true);
    guest.routeOn(tap, slot.guestAddress(), 32);
    guest.routeOn(uplink, "0.0.0.0", 0);
  }

  private static int threadId() throws IOException {
    return Integer.parseInt(
        Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName().toString());
  }

  /** As iproute2 makes it: shared, so that a namespace that is unmounted here ends everywhere. */
  private synchronized void makeFolder() throws IOException {
    if (folderMade) {
      return;
    }
    Files.createDirectories(Slot.NAMESPACES);
    try {
      share();
    } catch (Syscalls.SyscallException e) {
      if (e.errno() != Syscalls.EINVAL) {
        throw e;
      }
      Syscalls.mount(
          Slot.NAMESPACES.toString(),
          Slot.NAMESPACES,
          null,
          Syscalls.MS_BIND | Syscalls.MS_REC,
          null);
      share();
    }
    folderMade = true;
  }

  private static void share() throws IOException {
    Syscalls.mount("none", Slot.NAMESPACES, null, Syscalls.MS_SHARED | Syscalls.MS_REC, null);
  }

  // --- the host's end --------------------------------------------------------------------------

  private void makeHostEnd(Slot slot, Links host) throws IOException {
    int index = required(host, slot.name());
    // Second walls, for the case that somebody takes the rules away.
    host.forwarding(index, slot.egress());
    if (ipv6) {
      host.noAddressesOfItsOwn(index);
      Files.writeString(IPV6.resolve(slot.name()).resolve("disable_ipv6"), "1");
    }
    host.up(index);
    host.address(index, slot.hostAddress(), slot.guestAddress(), HOST_PREFIX);
  }

  private static int required(Links links, String name) throws IOException {
    return links
        .index(name)
        .orElseThrow(() -> new IOException("the interface " + name + " is gone already"));
  }
}
