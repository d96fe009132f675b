package dev.sandpool.e2e.attack;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.server.engine.EngineEvent;
import dev.sandpool.server.engine.SandboxExit;
import dev.sandpool.server.time.Patience;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Attempts on a machine by code that has all of its guest's kernel: what devices answer, and what
 * comes of writing rubbish to them. That may cost the machine its life, and nobody else anything.
 */
final class Devices {
  private static final int MEMORY_MIB = 256;
  private static final Duration PATIENCE = Patience.of(Duration.ofMinutes(2));

  /** Of one that was given rubbish: its devices may never answer again. */
  private static final Duration LAST_WORDS = Patience.of(Duration.ofSeconds(15));

  /** Of each kind; {@code -Dsandpool.attack.machines}. */
  private static final int MACHINES =
      Integer.getInteger("sandpool.attack.machines", Boolean.getBoolean("sandpool.soak") ? 20 : 2);

  private static final int WRITES = 4000;

  /** By 64 KiB: virtio's, two interrupt controllers, interrupts by message (a MiB), firmware. */
  private static final Pattern WINDOWS = Pattern.compile("feb0|fec[01]|fee[0-9a-f]|ffff");

  private static final String SHARED_DISK = "write to the disk that machines share";

  private final Report report;
  private final Engines engines;
  private final Path shared;
  private final List<EngineEvent> events = new CopyOnWriteArrayList<>();

  /**
   * @param shared file that all machines have and none may change
   */
  Devices(Report report, Engines engines, Path shared) {
    this.report = report;
    this.engines = engines;
    this.shared = shared;
  }

  void judge() throws Exception {
    String before = digest();
    try (Ward ward = engines.privilegedInside()) {
      ward.engine().listen(events::add);
      Guest neighbour = ward.start(NetworkStatus.EGRESS_DISABLED, MEMORY_MIB);
      long its = Monitors.of(neighbour);
      Guest looker = ward.start(NetworkStatus.EGRESS_DISABLED, MEMORY_MIB);
      look(looker);
      outside(looker);
      written(looker);
      disks(looker);
      ward.stop(looker);
      for (String what : new String[] {"registers", "ports"}) {
        for (int machine = 0; machine < MACHINES; machine++) {
          rubbish(ward, what, seed(machine), neighbour, its);
        }
      }
    }
    if (!digest().equals(before)) {
      judged(SHARED_DISK, new Finding(true, "it has changed"));
    }
  }

  private static long seed(int machine) {
    Long given = Long.getLong("sandpool.attack.seed");
    return given == null ? RandomGenerator.getDefault().nextInt(1 << 30) : given + machine;
  }

  private void look(Guest guest) throws IOException {
    Set<String> devices = new TreeSet<>();
    work(guest, "devices", 0).properties().forEach(one -> devices.add(one.toString()));
    found("virtio devices beyond its own", VIRTIO, VIRTIO::contains, devices);
    found(
        "addresses that answer beyond its devices",
        Set.of("feb0"),
        WINDOWS.asMatchPredicate(),
        words(work(guest, "memory", 0)));
    found(
        "ports that answer beyond its devices",
        Set.of("40", "71"),
        PORTS::contains,
        words(work(guest, "ports", 0)));
  }

  private static final Set<String> VIRTIO = Set.of("console=1", "disk=3", "network=1");

  /** Two timers, two interrupt controllers, the clock, and where its kernel came from. */
  private static final Set<String> PORTS =
      Set.of(
          "20", "21", "a0", "a1", "40", "41", "42", "43", "61", "70", "71", "4d0", "4d1", "510",
          "511", "514", "515", "516", "517", "518", "519", "51a", "51b");

  /**
   * Judges what a look has found.
   *
   * @param seen what must be among it: that its own were found is what shows that others would be
   * @param own what may be
   */
  private void found(String what, Set<String> seen, Predicate<String> own, Set<String> found) {
    judged(what, new Finding(!found.stream().allMatch(own), "only " + found));
    report
        .row("machine " + what)
        .tried("its own devices", new Finding(found.containsAll(seen), "found by the same look"));
  }

  private static Set<String> words(JsonNode list) {
    Set<String> words = new TreeSet<>();
    list.forEach(word -> words.add(word.asString()));
    return words;
  }

  /** What the monitor has of the host, seen from there. */
  private void outside(Guest guest) throws IOException {
    Path monitor = Path.of("/proc/" + Monitors.of(guest));
    Set<String> devices = new TreeSet<>();
    try (Stream<Path> open = Files.list(monitor.resolve("fd"))) {
      for (Path file : open.toList()) {
        String target = Files.readSymbolicLink(file).toString();
        if (target.startsWith("/dev/")) {
          devices.add(target);
        }
      }
    }
    found(
        "devices of the host",
        Set.of("/dev/net/tun"),
        Set.of("/dev/net/tun", "/dev/null", "/dev/kvm")::contains,
        devices);
    List<String> words = List.of(Files.readString(monitor.resolve("cmdline")).split("\0"));
    Set<String> models = new TreeSet<>();
    for (int i = 0; i < words.size() - 1; i++) {
      if (words.get(i).equals("-device")) {
        models.add(words.get(i + 1).replaceAll(",.*", ""));
      }
    }
    Set<String> virtual =
        Set.of("virtio-blk-device", "virtio-net-device", "virtio-serial-device", "virtserialport");
    found(
        "direct access to memory or hardware",
        Set.of("virtio-net-device"),
        virtual::contains,
        models);
  }

  /** The control of the rubbish: what this guest writes does reach its devices. */
  private void written(Guest guest) throws IOException {
    JsonNode kept = work(guest, "kept", 0);
    for (String what : new String[] {"registers", "ports"}) {
      report
          .row("machine rubbish to " + what)
          .tried("a value that is kept", new Finding(kept.path(what).asBoolean(), "read back"));
    }
  }

  /** By the block device, past all file systems, after the guest's kernel was told that it may. */
  private void disks(Guest guest) throws IOException {
    JsonNode said = work(guest, "write-disks", 0);
    String own = said.path("disk").asString();
    String shared = said.path("root").asString();
    boolean held = Monitors.writable(guest).contains("/vm/root");
    judged(SHARED_DISK, new Finding(held || shared.equals("written"), shared));
    report
        .row("machine " + SHARED_DISK)
        .tried("its own disk", new Finding(own.equals("written"), own));
  }

  private void rubbish(Ward ward, String what, long seed, Guest neighbour, long its)
      throws Exception {
    Guest guest = ward.start(NetworkStatus.EGRESS_DISABLED, MEMORY_MIB);
    String end;
    try {
      work(guest, "write-" + what, seed, LAST_WORDS);
      end = guest.listens() ? "it went on" : "it fell silent";
    } catch (Guest.LostException e) {
      end = "it fell silent";
    }
    Optional<SandboxExit> exit = exitOf(guest);
    if (exit.isPresent()) {
      end = "it ended with " + exit.get().exitCode();
    }
    System.out.printf("machine rubbish to %s, seed %d: %s%n", what, seed, end);
    exit.ifPresent(it -> System.out.println(it.lastOutput()));
    List<String> strange = Monitors.strangers(guest);
    boolean unharmed = neighbour.listens() && Monitors.of(neighbour) == its && strange.isEmpty();
    judged("rubbish to " + what, new Finding(!unharmed, strange.isEmpty() ? end : end + strange));
    ward.stop(guest);
  }

  private Optional<SandboxExit> exitOf(Guest guest) {
    return events.stream()
        .filter(SandboxExit.class::isInstance)
        .map(SandboxExit.class::cast)
        .filter(exit -> exit.id().equals(guest.id()))
        .findFirst();
  }

  private void judged(String probe, Finding finding) {
    report.row("machine " + probe).judged(Verdicts.OFF, finding, Optional.empty());
  }

  private static JsonNode work(Guest guest, String what, long seed) throws IOException {
    return work(guest, what, seed, PATIENCE);
  }

  private static JsonNode work(Guest guest, String what, long seed, Duration patience)
      throws IOException {
    return guest.order("machine", Map.of("work", what, "seed", seed, "writes", WRITES), patience);
  }

  private String digest() throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (InputStream in = new DigestInputStream(Files.newInputStream(shared), digest)) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
