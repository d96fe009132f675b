package dev.sandpool.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Processes of the host, found without the server's code. */
public final class HostProcesses {
  private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

  private HostProcesses() {}

  /** The conmon of a sandbox. */
  public static List<Long> monitors(String sandbox) throws IOException {
    List<Long> found = new ArrayList<>();
    for (Path process : all()) {
      List<String> words = words(process);
      if (!words.isEmpty() && words.getFirst().endsWith("conmon") && words.contains(sandbox)) {
        found.add(pid(process));
      }
    }
    return found;
  }

  /** Those that have that word among their arguments. */
  public static List<Long> naming(String word) throws IOException {
    return all().stream()
        .filter(process -> words(process).contains(word))
        .map(HostProcesses::pid)
        .toList();
  }

  /** The processes in a sandbox's cgroup, the oldest first. */
  public static List<Long> inSandbox(String sandbox) throws IOException {
    for (String hierarchy : List.of("memory", "")) {
      Path file = CGROUPS.resolve(hierarchy).resolve(group(sandbox)).resolve("cgroup.procs");
      if (Files.exists(file)) {
        return Files.readAllLines(file).stream().map(Long::valueOf).sorted().toList();
      }
    }
    return List.of();
  }

  private static Path group(String sandbox) {
    return Path.of(sandbox.substring(0, sandbox.length() - 8), sandbox, "box");
  }

  /** The children of a process. */
  public static List<Long> children(long parent) {
    return ProcessHandle.of(parent).stream()
        .flatMap(ProcessHandle::children)
        .map(ProcessHandle::pid)
        .toList();
  }

  /** SIGKILL; one that has ended already is no error. */
  public static void kill(long pid) {
    Optional<ProcessHandle> process = ProcessHandle.of(pid);
    process.ifPresent(ProcessHandle::destroyForcibly);
  }

  private static List<Path> all() throws IOException {
    try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
      return entries.filter(entry -> entry.toString().matches("/proc/\\d+")).toList();
    }
  }

  private static List<String> words(Path process) {
    try {
      byte[] line = Files.readAllBytes(process.resolve("cmdline"));
      return List.of(new String(line, StandardCharsets.UTF_8).split("\0"));
    } catch (IOException e) {
      return List.of(); // Ended meanwhile.
    }
  }

  private static long pid(Path process) {
    return Long.parseLong(process.getFileName().toString());
  }
}
