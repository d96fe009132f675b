package dev.sandpool.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a run was made.
 *
 * @param lines facts, one a line
 * @param load the load average before the run: more than little means that others were working
 */
record Machine(List<String> lines, String load) {
  static Machine read() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("date: " + LocalDate.now(ZoneOffset.UTC));
    lines.add(
        "%d cores, %s, %d MiB memory"
            .formatted(
                Runtime.getRuntime().availableProcessors(),
                field("/proc/cpuinfo", "model name").orElse("unknown processor"),
                kilobytes() / 1024));
    lines.add("Linux " + Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
    lines.add(
        "%s %s".formatted(System.getProperty("java.vm.name"), System.getProperty("java.version")));
    String runsc = Optional.ofNullable(System.getenv("SANDPOOL_RUNSC")).orElse("runsc");
    for (List<String> command :
        List.of(
            List.of(runsc, "--version"),
            List.of("runc", "--version"),
            List.of("conmon", "--version"),
            List.of("nginx", "-v"),
            List.of("haproxy", "-v"),
            List.of("wrk", "-v"))) {
      lines.add(firstLine(command));
    }
    String load = Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
    return new Machine(List.copyOf(lines), load);
  }

  private static long kilobytes() throws IOException {
    return Long.parseLong(field("/proc/meminfo", "MemTotal").orElse("0 kB").split(" ")[0]);
  }

  private static Optional<String> field(String file, String name) throws IOException {
    try (var lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    }
  }

  /** Some tools print their version on standard error, and end with 1. */
  private static String firstLine(List<String> command) throws IOException {
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectInput(Path.of("/dev/null").toFile());
    Process process = builder.start();
    try (var reader = process.inputReader()) {
      String text =
          reader.lines().filter(line -> !line.isBlank()).findFirst().orElse(command.getFirst());
      return text.length() > 70 ? text.substring(0, 70) : text;
    }
  }
}
