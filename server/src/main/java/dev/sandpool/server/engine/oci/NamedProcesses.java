package dev.sandpool.server.engine.oci;

import dev.sandpool.server.linux.Syscalls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Processes of the engine's tools that name a sandbox, or an image that is unpacked, among their
 * arguments: what was cut short and is in none of a sandbox's cgroups.
 */
final class NamedProcesses {
  private static final Set<String> TOOLS =
      Set.of("conmon", "runc", "runsc", "runsc-sandbox", "runsc-gofer", "sh", "unshare");

  private NamedProcesses() {}

  /** Kills those of the names; one look at all processes. */
  static void kill(Set<String> names) throws IOException {
    if (names.isEmpty()) {
      return;
    }
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        if (isOne(process, names)) {
          Syscalls.kill(Long.parseLong(process.getFileName().toString()), Syscalls.SIGKILL);
        }
      }
    }
  }

  private static boolean isOne(Path process, Set<String> names) {
    List<String> args;
    try {
      String line =
          new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8);
      // With its empty ends: a program may be started under no name at all.
      args = List.of(line.split("\0", -1));
    } catch (IOException e) {
      return false;
    }
    String program = args.getFirst();
    String base = program.substring(program.lastIndexOf('/') + 1);
    return TOOLS.contains(base) && args.stream().anyMatch(names::contains);
  }
}
