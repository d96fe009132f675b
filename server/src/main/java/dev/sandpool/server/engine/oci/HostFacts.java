package dev.sandpool.server.engine.oci;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a host says about itself.
 *
 * @param bootId another after each boot
 * @param kernel its release
 */
public record HostFacts(String bootId, String kernel) {
  private static final long OPEN_FILES = 65_536;

  /** Those of this host. */
  public static HostFacts read() throws IOException {
    return new HostFacts(
        line("/proc/sys/kernel/random/boot_id"), line("/proc/sys/kernel/osrelease"));
  }

  /** Whether this process has root's user id. */
  public static boolean root() {
    try {
      return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    } catch (IOException e) {
      return false;
    }
  }

  /** How many files a sandbox's process may open: raising our own limit may not be allowed. */
  public static long openFiles() {
    try (var lines = Files.lines(Path.of("/proc/self/limits"))) {
      return lines
          .filter(line -> line.startsWith("Max open files"))
          .map(line -> line.strip().split("\\s+")[4])
          .mapToLong(hard -> hard.equals("unlimited") ? OPEN_FILES : Long.parseLong(hard))
          .map(hard -> Math.min(hard, OPEN_FILES))
          .findFirst()
          .orElse(1024);
    } catch (IOException e) {
      return 1024;
    }
  }

  private static String line(String file) throws IOException {
    return Files.readString(Path.of(file)).strip();
  }
}
