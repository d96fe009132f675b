package dev.sandpool.server.network;

import dev.sandpool.model.InstanceId;
import dev.sandpool.server.linux.Command;
import dev.sandpool.server.linux.Syscalls;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/**
 * The slots of one server and the rules around them: the one class that runs {@code ip}, {@code
 * nft} and {@code conntrack}. Everything it makes on the host carries the server's prefix.
 */
public final class SandboxNetwork implements AutoCloseable {
  private static final Path INTERFACES = Path.of("/sys/class/net");
  private static final Duration GATHER = Duration.ofSeconds(5);
  private static final Duration INTERFACE_GONE = Duration.ofSeconds(10);

  private final InstanceId instance;
  private final NetworkConfig config;
  private final RangeClaim claim;
  private final String ip;
  private final Ipv4Range range;
  private final Optional<ConnectionMemory> connections = ConnectionMemory.open(GATHER);

  private SandboxNetwork(
      InstanceId instance, NetworkConfig config, RangeClaim claim, String ip, Ipv4Range range) {
    this.instance = instance;
    this.config = config;
    this.claim = claim;
    this.ip = ip;
    this.range = range;
  }

  /**
   * Claims addresses and puts the rules in force, before any interface of ours exists.
   *
   * @param dataDir keeps which addresses are ours
   * @throws IOException saying in one sentence what this host lacks
   */
  public static SandboxNetwork open(Path dataDir, InstanceId instance, NetworkConfig config)
      throws IOException {
    String ip = tool("ip", "iproute2");
    var routes = new Routes(ip);
    var claim = new RangeClaim(routes, dataDir.resolve("network-range"), instance);
    Ipv4Range range = claim.claim(config.range());
    List<Ipv4Range> onLink =
        routes.read().stream()
            .filter(route -> route.onLink() && !route.device().startsWith(instance.prefix()))
            .flatMap(route -> route.destination().stream())
            .toList();
    nft(PacketRules.install(instance.prefix(), onLink, config.allowed()));
    return new SandboxNetwork(instance, config, claim, ip, range);
  }

  /** How many slots there can be. */
  public int slots() {
    return range.slots();
  }

  /** A slot as a value; nothing is made. */
  public Slot slot(String name, int number, boolean egress) {
    return new Slot(name, range.hostAddress(number), range.guestAddress(number), egress);
  }

  /** Makes a slot; if that fails, what is there of it stays for {@link #delete}. */
  public void create(Slot slot) throws IOException {
    Command.require(List.of(ip, "-batch", "-"), SlotCommands.host(slot));
    Command.require(List.of(ip, "-n", slot.name(), "-batch", "-"), SlotCommands.guest(slot));
    if (slot.egress()) {
      Forwarding.enable(slot.name(), new Routes(ip).read());
    }
  }

  /** Name servers for a slot. */
  public List<String> resolvers(Slot slot) {
    return slot.egress() ? Resolvers.choose(config.resolvers()) : List.of();
  }

  /**
   * Begins to remove a slot, there or not: the kernel takes the interface down a little later.
   *
   * @throws IOException if it cannot
   */
  public void delete(String name) throws IOException {
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

  /**
   * Returns when a deleted slot's interface is gone.
   *
   * @throws IOException if it is still there after 10 s
   */
  public void awaitGone(String name) throws IOException {
    long deadline = System.nanoTime() + INTERFACE_GONE.toNanos();
    while (Files.exists(INTERFACES.resolve(name))) {
      if (System.nanoTime() > deadline) {
        Command.require(List.of(ip, "link", "del", name), "");
        break;
      }
      LockSupport.parkNanos(5_000_000);
    }
  }

  /** Makes the kernel forget the connections of a slot that is gone, within a few seconds. */
  public void forgetConnections(String guestAddress) {
    connections.ifPresent(memory -> memory.forget(guestAddress));
  }

  /**
   * Makes the kernel forget the connections of all slots but those, within a few seconds: a server
   * that was killed may have been about to.
   */
  public void forgetOthers(Set<String> guestAddresses) {
    for (int slot = 0; slot < slots(); slot++) {
      String address = range.guestAddress(slot);
      if (!guestAddresses.contains(address)) {
        forgetConnections(address);
      }
    }
  }

  /** The names of all slots of this server that have anything on the host. */
  public Set<String> names() throws IOException {
    Set<String> names = new TreeSet<>();
    for (Path folder : List.of(Slot.NAMESPACES, INTERFACES)) {
      if (Files.isDirectory(folder)) {
        try (DirectoryStream<Path> entries =
            Files.newDirectoryStream(folder, instance.prefix() + "*")) {
          entries.forEach(entry -> names.add(entry.getFileName().toString()));
        }
      }
    }
    return names;
  }

  /**
   * Removes the rules and gives the addresses back; only where no sandbox is left.
   *
   * @throws IOException if a slot is left, or a tool fails
   */
  public void remove() throws IOException {
    if (!names().isEmpty()) {
      throw new IOException("the network still has the slots " + names());
    }
    nft(PacketRules.remove(instance.prefix()));
    claim.release();
  }

  /** Ends its own thread; slots and rules stay. */
  @Override
  public void close() {
    connections.ifPresent(ConnectionMemory::close);
  }

  private static void nft(String rules) throws IOException {
    Command.Result result = Command.run(List.of(tool("nft", "nftables"), "-f", "-"), rules);
    if (!result.ok()) {
      throw new IOException(
          "this host's kernel refuses the packet rules that keep sandboxes apart (nftables with"
              + " inet, fib and nat is needed): "
              + result.output().lines().findFirst().orElse(""));
    }
  }

  private static String tool(String name, String debianPackage) throws IOException {
    return Command.find(name)
        .orElseThrow(
            () ->
                new IOException(
                    "the program '" + name + "' is missing; install the package " + debianPackage))
        .toString();
  }
}
