package dev.sandpool.server.linux;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Small files of /proc and /sys. */
public final class ProcFile {
  private ProcFile() {}

  /**
   * Its text without the line feed, in one read: the kernel answers a second one, from behind the
   * first byte, with nothing.
   */
  public static String text(String file) throws IOException {
    byte[] bytes = new byte[4096];
    try (var in = new FileInputStream(file)) {
      int length = Math.max(0, in.read(bytes));
      return new String(bytes, 0, length, StandardCharsets.US_ASCII).strip();
    }
  }

  /** The number in it; empty where the file is not there. */
  public static Optional<Long> number(String file) throws IOException {
    return Files.exists(Path.of(file)) ? Optional.of(Long.parseLong(text(file))) : Optional.empty();
  }

  /** Bytes of each line of /proc/meminfo. */
  public static Map<String, Long> memory() throws IOException {
    Map<String, Long> memory = new HashMap<>();
    for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
      String[] words = line.split("\\s+");
      memory.put(words[0].replace(":", ""), Long.parseLong(words[1]) << 10);
    }
    return memory;
  }
}
