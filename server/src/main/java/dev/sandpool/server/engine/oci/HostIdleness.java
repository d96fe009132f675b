package dev.sandpool.server.engine.oci;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much of the host's processors had nothing to do since it was last asked. */
final class HostIdleness {
  static final Path FILE = Path.of("/proc/stat");

  private final Path file;
  private long idle;
  private long all;

  HostIdleness(Path file) {
    this.file = file;
  }

  /** 0 to 1; 1 where no time has passed. */
  double idleShare() throws IOException {
    String line;
    try (var lines = Files.newBufferedReader(file)) {
      line = String.valueOf(lines.readLine());
    }
    // proc(5): cpu user nice system idle iowait irq softirq steal; guests are part of user.
    String[] words = line.split(" +", -1);
    if (words.length < 9) {
      throw new IOException(file + " begins with '" + line + "'");
    }
    long idleNow = Long.parseLong(words[4]) + Long.parseLong(words[5]);
    long allNow = 0;
    for (int i = 1; i <= 8; i++) {
      allNow += Long.parseLong(words[i]);
    }
    long passed = allNow - all;
    double share = passed <= 0 ? 1 : (idleNow - idle) / (double) passed;
    idle = idleNow;
    all = allNow;
    return share;
  }
}
