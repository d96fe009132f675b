package dev.sandpool.server.engine.oci;

import dev.sandpool.server.linux.Syscalls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Processes of the engine's tools that name a sandbox among their arguments: what a start that was
 * cut short leaves outside the sandbox's cgroups.
 */
final class NamedProcesses {
  private static final Set<String> TOOLS =
      Set.of("conmon", "runc", "runsc", "runsc-sandbox", "runsc-gofer", "sh");

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
    List<String> args = new ArrayList<>();
    try {
      String line =
          new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8);
      args.addAll(List.of(line.split("\0")));
    } catch (IOException e) {
      return false;
    }
    String program = args.getFirst();
    String base = program.substring(program.lastIndexOf('/') + 1);
    return TOOLS.contains(base) && args.stream().anyMatch(names::contains);
  }
}
