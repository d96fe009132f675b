package dev.sandpool.server.engine.oci;

import dev.sandpool.server.linux.ProcFile;
import dev.sandpool.server.linux.ProcessRights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a host says about itself.
 *
 * @param bootId another after each boot
 * @param kernel its release
 * @param rights what this process may ask of it
 */
public record HostFacts(String bootId, String kernel, String rights) {
  private static final long OPEN_FILES = 65_536;

  /** Those of this host. */
  public static HostFacts read() throws IOException {
    return new HostFacts(
        ProcFile.text("/proc/sys/kernel/random/boot_id"),
        ProcFile.text("/proc/sys/kernel/osrelease"),
        ProcessRights.read(Path.of("/proc")));
  }

  /** All of it in one line: what was found out by trying holds as long as it is the same. */
  public String standing() {
    return String.join(" ", bootId, kernel, rights);
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
}
