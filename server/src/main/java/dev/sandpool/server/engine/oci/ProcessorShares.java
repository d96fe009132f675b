package dev.sandpool.server.engine.oci;

import dev.sandpool.server.linux.TimeSlice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who goes first where sandboxes together want more of the processors than there is: each in
 * proportion to what it may use, all together like one task of the host on each processor, and
 * those that go on using all they may after those that do not, and with less ({@link Courtesy}).
 * Nobody's bound becomes less where there is enough.
 *
 * <p>Keeps nothing that the cgroups do not say, so that another engine can go on.
 */
final class ProcessorShares implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessorShares.class);
  private static final Duration LOOK = Duration.ofMillis(50);

  /**
   * At most this part of a processor's time, one of so many, is for looking: where there are so
   * many that a look takes longer, it looks less often. It goes before everybody else and must not
   * become what they wait for.
   */
  private static final int LOOKING = 20;

  /**
   * A look that had to wait itself, for the kernel or a processor, must not be the last for long.
   */
  private static final Duration LONGEST = Duration.ofMillis(500);

  /** Others have all that they may use back at most so often, as what that does has to show. */
  private static final long BELIEVE_NANOS = 1_000_000_000;

  /**
   * At once no more than would take this part of the processors, one of so many, and at least one:
   * all who began together would otherwise be tried together, too.
   */
  private static final double BELIEVED = 8;

  /** Of many for whom it is time one of so many, so that the last waits for seconds only. */
  private static final double DUE = 5;

  /** So long a sandbox may compute without giving way: it starts, and its application does. */
  private static final long START_NANOS = 15_000_000_000L;

  /** While that part of the processors has nothing to do, there is enough for everybody. */
  private static final double ROOM = 0.25;

  /**
   * While that part has nothing to do, and at least so many of them, nobody is about to wait, and
   * nobody is looked at. One sandbox can keep one busy, and who is woken there waits for it.
   */
  private static final double PLENTY = 0.5;

  private static final double PLENTY_PROCESSORS = 1.5;

  private final Cgroups cgroups;
  private final Path root;
  private final HostIdleness host;
  private final HostIdleness hostOfLate;
  private final int processors;
  private final Map<String, Courtesy> seen = new HashMap<>();

  /** When those that were created of late were. */
  private final Map<String, Long> begun = new ConcurrentHashMap<>();

  private @Nullable Thread thread;
  private volatile boolean closed;
  private boolean hasLooked;
  private long believedNanos;

  ProcessorShares(Cgroups cgroups) {
    this(cgroups, HostIdleness.FILE, Runtime.getRuntime().availableProcessors(), System.nanoTime());
  }

  ProcessorShares(Cgroups cgroups, Path stat, int processors, long nowNanos) {
    this.cgroups = cgroups;
    this.root = cgroups.root("cpu").orElseThrow();
    this.host = new HostIdleness(stat);
    this.hostOfLate = new HostIdleness(stat);
    this.processors = processors;
    this.believedNanos = nowNanos;
  }

  /** A sandbox is about to be created, and must not be found at its bound before it has begun. */
  void announce(String name) {
    begun.put(name, System.nanoTime());
  }

  /** Gives a sandbox that was created its weight; anew where it was given its bound later. */
  void begin(String name) throws IOException {
    if (!cgroups.unified()) {
      // On version 2 the host's services are together in a group like ours.
      Files.writeString(root.resolve("cpu.shares"), Integer.toString(1024 * processors));
    }
    group(name).begin();
    begun.put(name, System.nanoTime());
  }

  /** Begins to look who uses all that it may. */
  void watch() {
    thread = Thread.ofPlatform().name("processor-shares").daemon().start(this::run);
  }

  private void run() {
    // Where the sandboxes leave it nothing it could not change that.
    TimeSlice.goFirst();
    long pause = LOOK.toNanos();
    while (!closed) {
      LockSupport.parkNanos(pause);
      try {
        long began = System.nanoTime();
        look(began);
        long took = System.nanoTime() - began;
        pause = Math.clamp(LOOKING * took, LOOK.toNanos(), LONGEST.toNanos());
      } catch (IOException | RuntimeException e) {
        LOG.warn("cannot look who uses the processors: {}", e.toString());
        LockSupport.parkNanos(Duration.ofSeconds(10).toNanos());
      }
    }
  }

  /** Looks once at all for whom it could matter, and changes what follows from that. */
  void look(long nowNanos) throws IOException {
    if (!hasLooked) {
      // What was before, since the host began, is not what is now.
      host.idleShare();
      hostOfLate.idleShare();
    }
    double idle = host.idleShare();
    boolean plenty = idle >= Math.max(PLENTY, PLENTY_PROCESSORS / processors);
    begun.values().removeIf(since -> nowNanos - since >= START_NANOS);
    if (plenty && hasLooked) {
      seen.values().removeIf(Courtesy::settled);
    }
    // The first time at all: an earlier engine may have left some with little.
    List<String> names = plenty && hasLooked ? List.copyOf(seen.keySet()) : cgroups.names(root);
    seen.keySet().retainAll(names);
    for (String name : names) {
      try {
        ProcessorGroup group = group(name);
        OptionalLong throttled = group.throttled();
        if (throttled.isPresent()) {
          seen.put(name, courtesy(name, group, throttled.getAsLong(), nowNanos, idle >= ROOM));
        } else {
          seen.remove(name);
        }
      } catch (IOException e) {
        notSeen(name, e);
      }
    }
    hasLooked = true;
    if (nowNanos - believedNanos >= BELIEVE_NANOS) {
      believedNanos = nowNanos;
      believeSome();
    }
  }

  private Courtesy courtesy(
      String name, ProcessorGroup group, long throttled, long nowNanos, boolean room)
      throws IOException {
    Courtesy before = seen.get(name);
    if (before == null || begun.containsKey(name)) {
      return Courtesy.of(throttled, nowNanos, group.parts(), group.behind());
    }
    Courtesy now = before.next(throttled, nowNanos, room);
    if (now.parts() != before.parts() || now.behind() != before.behind()) {
      group.leave(now.parts(), now.behind());
    }
    return now;
  }

  /** Those who have had little for longest, where it is time or there is room for all of theirs. */
  private void believeSome() throws IOException {
    double spare = (hostOfLate.idleShare() - ROOM) * processors;
    Map<String, Double> longest = coresOfRestrained();
    double due =
        longest.keySet().stream()
            .filter(name -> Objects.requireNonNull(seen.get(name)).due())
            .mapToDouble(longest::get)
            .sum();
    double most = Math.max(processors / BELIEVED, due / DUE);
    double believed = 0;
    for (Map.Entry<String, Double> entry : longest.entrySet()) {
      String name = entry.getKey();
      Courtesy courtesy = Objects.requireNonNull(seen.get(name));
      double together = believed + entry.getValue();
      if (believed > 0 && together > most) {
        return;
      }
      if (courtesy.due() || together <= spare) {
        try {
          group(name).leave(1, false);
          seen.put(name, courtesy.believed());
          believed = together;
        } catch (IOException e) {
          notSeen(name, e);
        }
      }
    }
  }

  /** What each of them may use when it need not give way, those first who have not for longest. */
  private Map<String, Double> coresOfRestrained() {
    List<String> longest =
        seen.entrySet().stream()
            .filter(entry -> entry.getValue().restrained())
            .sorted(Comparator.comparingLong(entry -> entry.getValue().turnedNanos()))
            .map(Map.Entry::getKey)
            .toList();
    Map<String, Double> cores = new LinkedHashMap<>();
    for (String name : longest) {
      try {
        cores.put(name, group(name).cores());
      } catch (IOException e) {
        notSeen(name, e);
      }
    }
    return cores;
  }

  /** One that ended between two looks, or that takes no change, keeps nobody from the others. */
  private void notSeen(String name, IOException e) {
    // Is met anew, from what the kernel holds.
    seen.remove(name);
    LOG.debug("{} ended meanwhile, or cannot give way: {}", name, e.toString());
  }

  private ProcessorGroup group(String name) {
    return cgroups.processors(root, name);
  }

  @Override
  public void close() {
    closed = true;
    Thread watching = thread;
    if (watching != null) {
      LockSupport.unpark(watching);
    }
  }
}
