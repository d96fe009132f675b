package dev.sandpool.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory of a process that is resident. */
final class Memory {
  private Memory() {}

  /** In MB. */
  static double resident(long pid) throws IOException {
    return megabytes(pid, "status", "VmRSS:");
  }

  /** In MB, each page divided among the processes that share it. */
  static double share(long pid) throws IOException {
    return megabytes(pid, "smaps_rollup", "Pss:");
  }

  private static double megabytes(long pid, String file, String field) throws IOException {
    String line =
        Files.readAllLines(Path.of("/proc/" + pid, file)).stream()
            .filter(each -> each.startsWith(field))
            .findFirst()
            .orElseThrow(() -> new IOException("process " + pid + " has no memory"));
    return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024 / 1e6;
  }
}
