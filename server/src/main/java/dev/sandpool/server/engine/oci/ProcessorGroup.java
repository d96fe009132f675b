package dev.sandpool.server.engine.oci;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the kernel holds about one sandbox's use of processors: its weight, the bound that it has
 * now, and the one that it was started with, which its outer cgroup keeps.
 *
 * @param outer of the sandbox and its monitor
 * @param box of the sandbox alone
 * @param unified whether the cgroups are of version 2
 */
record ProcessorGroup(Path outer, Path box, boolean unified) {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessorGroup.class);

  private static final String THROTTLED = "nr_throttled ";

  /** More than a monitor may use. */
  private static final long KEPT_MORE_MICROS = 20_000;

  /** The least that the kernel takes as a bound. */
  private static final long LEAST_MICROS = 1000;

  /**
   * Gives one that was created its weight and leave to save a period's time up, and writes its
   * bound down where it stays.
   */
  void begin() throws IOException {
    keepBound();
    // One behind others takes no weight.
    if (behind()) {
      stand(false);
    }
    weigh();
    OptionalLong bound = bound(box);
    if (bound.isPresent()) {
      setSaved(bound.getAsLong());
    }
  }

  /**
   * What it may use at once beyond its bound, if it has used less before. A kernel before 5.14
   * grants nothing.
   */
  private void setSaved(long micros) throws IOException {
    Path file = box.resolve(unified ? "cpu.max.burst" : "cpu.cfs_burst_us");
    if (Files.exists(file)) {
      Files.writeString(file, Long.toString(micros));
    }
  }

  /**
   * In the outer cgroup, whose own bound is twice that and a monitor's, and so never holds back
   * what is in it: that would not show in how often the sandbox was held back.
   */
  private void keepBound() throws IOException {
    OptionalLong bound = bound(box);
    if (bound.isPresent()) {
      try {
        if (!unified) {
          // The kernel's own is longer; who saves up would be held back within it.
          Files.writeString(outer.resolve("cpu.cfs_period_us"), "" + OciSpec.PERIOD_MICROS);
        }
        setBound(outer, 2 * bound.getAsLong() + KEPT_MORE_MICROS);
      } catch (IOException e) {
        // It keeps all its bound, and gives way by its place in line alone.
        LOG.warn("{}", e.getMessage());
      }
    }
  }

  /** What it may use when it need not give way. */
  double cores() throws IOException {
    OptionalLong kept = bound(outer);
    OptionalLong micros = bound(box);
    if (kept.isPresent()) {
      return (kept.getAsLong() - KEPT_MORE_MICROS) / (2.0 * OciSpec.PERIOD_MICROS);
    }
    return micros.isPresent() ? micros.getAsLong() / (double) OciSpec.PERIOD_MICROS : 1;
  }

  private void weigh() throws IOException {
    double cores = cores();
    if (unified) {
      long weight = Math.clamp(Math.round(100 * cores), 1, 10_000);
      Files.writeString(outer.resolve("cpu.weight"), Long.toString(weight));
    } else {
      long shares = Math.clamp(Math.round(1024 * cores), 2, 262_144);
      Files.writeString(outer.resolve("cpu.shares"), Long.toString(shares));
    }
  }

  /** Whether it stands behind all others. */
  boolean behind() throws IOException {
    return Files.exists(idle()) && Files.readString(idle()).startsWith("1");
  }

  private void stand(boolean behind) throws IOException {
    Files.writeString(idle(), behind ? "1" : "0");
  }

  private Path idle() {
    return outer.resolve("cpu.idle");
  }

  /** What is left to it of its bound: one of so many parts, 1 where it has all. */
  int parts() throws IOException {
    OptionalLong now = bound(box);
    if (now.isEmpty()) {
      return 1;
    }
    long full = full();
    int parts = 1;
    while (parts < Courtesy.PARTS && now.getAsLong() < left(full, parts)) {
      parts *= 2;
    }
    return parts;
  }

  private static long left(long full, int parts) {
    return Math.max(LEAST_MICROS, full / parts);
  }

  /**
   * Leaves it one of so many parts of its bound, and a place among all others or behind them. A
   * kernel before 5.15 has no such places, and leaves all with their bounds.
   */
  void leave(int parts, boolean behind) throws IOException {
    if (!Files.exists(idle())) {
      return;
    }
    try {
      if (parts > 1 && bound(outer).isEmpty()) {
        // Started by a server that did not write it down.
        keepBound();
      }
      stand(behind);
      if (!behind) {
        weigh();
      }
      long left = left(full(), parts);
      // To write a bound gives it all of that at once, also where it is the same as before.
      if (bound(outer).isPresent() && bound(box).orElse(left) != left) {
        // The kernel takes no bound that is less than what may be saved.
        setSaved(0);
        setBound(box, left);
        setSaved(parts == 1 ? left : 0);
      }
      LOG.debug("{} has 1 of {} parts of its bound, behind others: {}", outer, parts, behind);
    } catch (FileSystemException e) {
      LOG.debug("{} ended meanwhile", outer, e);
    }
  }

  /**
   * Gives one that is about to be killed back what it may use: to die takes processor time, and
   * frees what others wait for.
   */
  void letDie() throws IOException {
    if (behind() || parts() > 1) {
      leave(1, false);
    }
  }

  /** In microseconds a period. */
  private long full() throws IOException {
    return Math.round(cores() * OciSpec.PERIOD_MICROS);
  }

  /** How often it was held back; empty if it has ended. */
  OptionalLong throttled() {
    try {
      // Of hundreds of them many times a second: no line more than it takes.
      String stat = Files.readString(box.resolve("cpu.stat"));
      int at = stat.indexOf(THROTTLED);
      if (at >= 0) {
        int from = at + THROTTLED.length();
        return OptionalLong.of(Long.parseLong(stat, from, stat.indexOf('\n', from), 10));
      }
    } catch (IOException e) {
      LOG.trace("{} has ended", box, e);
    }
    return OptionalLong.empty();
  }

  /** In microseconds a period; empty where it has none. */
  private OptionalLong bound(Path group) throws IOException {
    String quota =
        unified
            ? Files.readString(group.resolve("cpu.max")).split(" ", 2)[0]
            : Files.readString(group.resolve("cpu.cfs_quota_us")).strip();
    boolean bounded = !quota.equals("max") && !quota.startsWith("-");
    return bounded ? OptionalLong.of(Long.parseLong(quota)) : OptionalLong.empty();
  }

  private void setBound(Path group, long micros) throws IOException {
    try {
      if (unified) {
        Files.writeString(group.resolve("cpu.max"), micros + " " + OciSpec.PERIOD_MICROS);
      } else {
        Files.writeString(group.resolve("cpu.cfs_quota_us"), Long.toString(micros));
      }
    } catch (IOException e) {
      throw new IOException(group + " refuses a bound of " + micros + " us: " + e.getMessage(), e);
    }
  }
}
