package dev.sandpool.server.time;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The clock that began with the host's boot. Nobody sets it, and each server of one boot reads the
 * same, so that what began in an earlier one can be measured to its end.
 */
public interface Uptime {
  /** Which boot it counts from. */
  String boot();

  /** Nanoseconds since then. */
  long nanos();

  /**
   * This host's.
   *
   * @throws IOException if it does not tell
   */
  static Uptime ofHost() throws IOException {
    String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    String seconds = Files.readString(Path.of("/proc/uptime")).split(" ", 2)[0];
    // The file is read once; from then on the monotonic clock goes on, for less.
    long origin =
        System.nanoTime() - Math.round(Double.parseDouble(seconds) * TimeUnit.SECONDS.toNanos(1));
    return new Uptime() {
      @Override
      public String boot() {
        return boot;
      }

      @Override
      public long nanos() {
        return System.nanoTime() - origin;
      }
    };
  }
}
