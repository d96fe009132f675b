package dev.sandpool.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory of a process that is resident. */
final class Memory {
  private Memory() {}

  /** In MB. */
  static double resident(long pid) throws IOException {
    String line =
        Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
            .filter(each -> each.startsWith("VmRSS:"))
            .findFirst()
            .orElseThrow(() -> new IOException("process " + pid + " has no memory"));
    return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024 / 1e6;
  }
}
