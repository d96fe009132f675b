package dev.sandpool.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Processor time, user and system, of all threads that a process has or had. */
final class Cpu {
  /** USER_HZ, which Linux shows to programs whatever the kernel's own clock is. */
  private static final double TICKS_PER_SECOND = 100;

  private Cpu() {}

  /** Seconds of these processes together; one that is gone counts as none. */
  static double seconds(long... pids) throws IOException {
    double seconds = 0;
    for (long pid : pids) {
      seconds += seconds(pid);
    }
    return seconds;
  }

  private static double seconds(long pid) throws IOException {
    try {
      String stat =
          Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
      // The name in parentheses may hold anything, so fields are counted from its end.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    } catch (NoSuchFileException e) {
      return 0;
    }
  }
}
