package dev.sandpool.server.engine.oci;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who goes first where sandboxes together want more of the processors than there is: each in
 * proportion to what it may use, all together like one task of the host on each processor, and
 * those that go on using all they may after those that do not ({@link Courtesy}). Nobody gets less
 * where there is enough.
 *
 * <p>Keeps nothing that the cgroups do not say, so that another engine can go on.
 */
final class ProcessorShares implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessorShares.class);
  private static final Duration LOOK = Duration.ofMillis(200);

  /** While that part of the processors has nothing to do, nobody waits for anybody. */
  private static final double ROOM = 0.25;

  private final Cgroups cgroups;
  private final Path root;
  private final HostIdleness host = new HostIdleness();
  private final Map<String, Courtesy> seen = new HashMap<>();
  private @Nullable Thread thread;
  private volatile boolean closed;

  ProcessorShares(Cgroups cgroups) {
    this.cgroups = cgroups;
    this.root = cgroups.root("cpu").orElseThrow();
  }

  /** Gives a sandbox that was created its weight. */
  void begin(String name) throws IOException {
    if (!cgroups.unified()) {
      // On version 2 the host's services are together in a group like ours.
      int processors = Runtime.getRuntime().availableProcessors();
      Files.writeString(root.resolve("cpu.shares"), Integer.toString(1024 * processors));
    }
    weigh(name);
  }

  private void weigh(String name) throws IOException {
    double cores = cores(cgroups.box(root, name));
    Path group = root.resolve(name);
    if (cgroups.unified()) {
      long weight = Math.clamp(Math.round(100 * cores), 1, 10_000);
      Files.writeString(group.resolve("cpu.weight"), Long.toString(weight));
    } else {
      long shares = Math.clamp(Math.round(1024 * cores), 2, 262_144);
      Files.writeString(group.resolve("cpu.shares"), Long.toString(shares));
    }
  }

  /** What it may use, as the runtime has written it down. */
  private double cores(Path box) throws IOException {
    String quota =
        cgroups.unified()
            ? Files.readString(box.resolve("cpu.max")).split(" ", 2)[0]
            : Files.readString(box.resolve("cpu.cfs_quota_us")).strip();
    boolean bounded = !quota.equals("max") && !quota.startsWith("-");
    return bounded ? Long.parseLong(quota) / (double) OciSpec.PERIOD_MICROS : 1;
  }

  /** Begins to look who uses all that it may. */
  void watch() {
    thread = Thread.ofPlatform().name("processor-shares").daemon().start(this::run);
  }

  private void run() {
    while (!closed) {
      LockSupport.parkNanos(LOOK.toNanos());
      try {
        look(System.nanoTime());
      } catch (IOException | RuntimeException e) {
        LOG.warn("cannot look who uses the processors: {}", e.toString());
        LockSupport.parkNanos(Duration.ofSeconds(10).toNanos());
      }
    }
  }

  private void look(long nowNanos) throws IOException {
    boolean room = host.idleShare() >= ROOM;
    if (room && seen.values().stream().noneMatch(Courtesy::givesWay)) {
      seen.clear();
      return;
    }
    Map<String, Courtesy> next = new HashMap<>();
    for (String name : cgroups.names(root)) {
      OptionalLong throttled = throttled(cgroups.box(root, name));
      if (throttled.isPresent()) {
        next.put(name, courtesy(name, throttled.getAsLong(), nowNanos));
      }
    }
    seen.clear();
    seen.putAll(next);
  }

  private Courtesy courtesy(String name, long throttled, long nowNanos) throws IOException {
    Courtesy before = seen.get(name);
    if (before == null) {
      return Courtesy.of(throttled, nowNanos, givesWay(name));
    }
    Courtesy now = before.next(throttled, nowNanos);
    if (now.givesWay() != before.givesWay()) {
      giveWay(name, now.givesWay());
    }
    return now;
  }

  private boolean givesWay(String name) {
    try {
      return Files.readString(root.resolve(name).resolve("cpu.idle")).startsWith("1");
    } catch (IOException e) {
      return false;
    }
  }

  /** A kernel before 5.15 has no such file, and leaves all with their weights. */
  private void giveWay(String name, boolean yes) throws IOException {
    Path file = root.resolve(name).resolve("cpu.idle");
    if (!Files.exists(file)) {
      return;
    }
    try {
      Files.writeString(file, yes ? "1" : "0");
      if (!yes) {
        weigh(name);
      }
      LOG.debug("{} {}", name, yes ? "gives way" : "goes with the others again");
    } catch (FileSystemException e) {
      LOG.debug("{} ended meanwhile", name, e);
    }
  }

  /** How often it was held back; empty if it has ended. */
  private static OptionalLong throttled(Path box) {
    try {
      for (String line : Files.readAllLines(box.resolve("cpu.stat"))) {
        if (line.startsWith("nr_throttled ")) {
          return OptionalLong.of(Long.parseLong(line.substring("nr_throttled ".length())));
        }
      }
    } catch (IOException e) {
      LOG.trace("{} has ended", box, e);
    }
    return OptionalLong.empty();
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
