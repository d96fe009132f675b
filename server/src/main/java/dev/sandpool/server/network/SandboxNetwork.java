package dev.sandpool.server.network;

import dev.sandpool.model.InstanceId;
import dev.sandpool.server.linux.Tool;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The slots of one server and the rules around them. Everything it makes on the host carries the
 * server's prefix.
 */
public final class SandboxNetwork implements AutoCloseable {
  private static final Path INTERFACES = Path.of("/sys/class/net");
  private static final String RANGE_FILE = "network-range";
  private static final Duration GATHER = Duration.ofSeconds(5);
  private static final Duration INTERFACE_GONE = Duration.ofSeconds(10);

  private final InstanceId instance;
  private final NetworkConfig config;
  private final RangeClaim claim;
  private final Ipv4Range range;
  private final KeptRules rules;
  private final SlotMaker maker = new SlotMaker();
  private final ConnectionMemory connections = new ConnectionMemory(GATHER);

  private SandboxNetwork(
      InstanceId instance,
      NetworkConfig config,
      RangeClaim claim,
      Ipv4Range range,
      KeptRules rules) {
    this.instance = instance;
    this.config = config;
    this.claim = claim;
    this.range = range;
    this.rules = rules;
  }

  /**
   * Claims addresses and puts the rules in force, before any interface of ours exists.
   *
   * @param dataDir keeps which addresses are ours
   * @throws IOException saying in one sentence what this host lacks
   */
  public static SandboxNetwork open(Path dataDir, InstanceId instance, NetworkConfig config)
      throws IOException {
    String ip = Tool.IP.require().toString();
    var claim = new RangeClaim(new Routes(ip), dataDir.resolve(RANGE_FILE), instance);
    Ipv4Range range = claim.claim(config.range());
    try {
      KeptRules rules = KeptRules.open(instance, config);
      return new SandboxNetwork(instance, config, claim, range, rules);
    } catch (IOException | RuntimeException e) {
      releaseUnused(claim, instance, e);
      throw e;
    }
  }

  /**
   * Sandboxes of an earlier run still have their addresses; without any, nobody would free them.
   */
  private static void releaseUnused(RangeClaim claim, InstanceId instance, Exception failure) {
    try {
      if (names(instance).isEmpty()) {
        claim.release();
      }
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /** Tells how the packet rules stand, now and at each change. */
  public void listen(Consumer<GuardState> listener) {
    rules.listen(listener);
  }

  /**
   * The network of a server that does not run, to remove what it left; nothing is claimed and no
   * rule is made.
   */
  public static SandboxNetwork ofDeadServer(Path dataDir, InstanceId instance) throws IOException {
    String ip = Tool.IP.require().toString();
    var claim = new RangeClaim(new Routes(ip), dataDir.resolve(RANGE_FILE), instance);
    return new SandboxNetwork(
        instance,
        NetworkConfig.defaults(),
        claim,
        Ipv4Range.parse("10.213.0.0/20"),
        KeptRules.ofDeadServer(instance));
  }

  /**
   * The addresses that a server would claim now; nothing is claimed.
   *
   * @throws IOException as {@link #open}
   */
  public static Ipv4Range freeRange(
      Path dataDir, InstanceId instance, Optional<Ipv4Range> configured) throws IOException {
    var routes = new Routes(Tool.IP.require().toString());
    return new RangeClaim(routes, dataDir.resolve(RANGE_FILE), instance).free(configured);
  }

  /** How many slots there can be. */
  public int slots() {
    return range.slots();
  }

  /** A slot as a value; nothing is made. */
  public Slot slot(String name, int number, boolean egress, boolean identity) {
    return new Slot(name, range.hostAddress(number), range.guestAddress(number), egress, identity);
  }

  /** Where the sandbox of that slot asks for tokens, if it may: its host's end. */
  public InetSocketAddress identityDoor(int number) {
    return InetSocketAddress.createUnresolved(range.hostAddress(number), config.identityPort());
  }

  /**
   * Makes a slot.
   *
   * @throws IOException naming the step that failed, where nothing of it is left; also while the
   *     packet rules are not in force
   */
  public void create(Slot slot) throws IOException {
    create(slot, OptionalInt.empty());
  }

  /**
   * Makes a slot for a virtual machine: its network card's other end is the interface {@link
   * Slot#TAP} in the slot's namespace, which passes packets on and has no address of its own.
   *
   * @param owner user that may open the interface, and no other
   * @throws IOException as {@link #create(Slot)}
   */
  public void createForMachine(Slot slot, int owner) throws IOException {
    create(slot, OptionalInt.of(owner));
  }

  private void create(Slot slot, OptionalInt tapOwner) throws IOException {
    GuardState state = rules.state();
    if (!state.inForce()) {
      throw new IOException("no slot is made now: " + state.detail());
    }
    maker.make(slot, tapOwner);
    if (slot.egress()) {
      rules.forward();
    }
  }

  /**
   * Opens or closes the way to the internet of a slot that exists, at once; does nothing if it does
   * not. Closing cuts what goes through it: no packet passes any more in either direction, and the
   * kernel forgets its connections.
   *
   * @throws IOException if it cannot
   */
  public void egress(Slot slot, boolean open) throws IOException {
    boolean allowed = open && slot.egress();
    try (Links host = Links.open()) {
      Optional<Integer> index = host.index(slot.name());
      if (index.isEmpty()) {
        return;
      }
      host.group(index.get(), slot.group(allowed));
      host.forwarding(index.get(), allowed);
    } catch (IOException e) {
      if (Files.exists(INTERFACES.resolve(slot.name()))) {
        throw e;
      }
    }
    if (allowed) {
      rules.forward();
    } else {
      // Only what the guest has opened: its session's requests come from outside, and go on.
      forget(connection -> connection.source().equals(slot.guestAddress()));
    }
  }

  private static void forget(Predicate<ConnectionTable.Connection> fits) throws IOException {
    try (var table = ConnectionTable.open()) {
      table.forget(fits);
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
    SlotMaker.remove(name);
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
        deleteInterface(name);
        break;
      }
      LockSupport.parkNanos(5_000_000);
    }
  }

  private static void deleteInterface(String name) throws IOException {
    try (Links host = Links.open()) {
      Optional<Integer> index = host.index(name);
      if (index.isPresent()) {
        host.delete(index.get());
      }
    }
  }

  /** Makes the kernel forget the connections of a slot that is gone, before it has rested. */
  public void forgetConnections(String guestAddress) {
    connections.forget(guestAddress);
  }

  /**
   * The same at once, for a slot that is used again without having rested.
   *
   * @throws IOException if it cannot
   */
  public void forgetConnectionsNow(String guestAddress) throws IOException {
    forget(
        connection ->
            connection.source().equals(guestAddress)
                || connection.destination().equals(guestAddress));
  }

  /**
   * Makes the kernel forget the connections of all slots but those, at once: a server that was
   * killed may have been about to, and the slots are used again.
   *
   * @throws IOException if it cannot
   */
  public void forgetOthers(Set<String> guestAddresses) throws IOException {
    Set<String> others =
        IntStream.range(0, slots())
            .mapToObj(range::guestAddress)
            .filter(address -> !guestAddresses.contains(address))
            .collect(Collectors.toSet());
    forget(
        connection ->
            others.contains(connection.source()) || others.contains(connection.destination()));
  }

  /** The names of all slots of this server that have anything on the host. */
  public Set<String> names() throws IOException {
    return names(instance);
  }

  private static Set<String> names(InstanceId instance) throws IOException {
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
    rules.remove();
    claim.release();
  }

  /** Ends its own threads; slots and rules stay. */
  @Override
  public void close() {
    rules.close();
    connections.close();
  }
}
