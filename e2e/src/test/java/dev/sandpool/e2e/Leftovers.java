package dev.sandpool.e2e;

import dev.sandpool.model.InstanceId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Everything on the host that carries a server's name, looked for without the server's code. */
public final class Leftovers {
  private Leftovers() {}

  /** Of sandboxes; what belongs to the server as a whole may be there. */
  public static List<String> sandboxes(InstanceId instance) throws IOException {
    String prefix = instance.prefix();
    List<String> found = new ArrayList<>();
    for (String folder : List.of("/run/netns", "/sys/class/net")) {
      named(Path.of(folder), prefix, 1, found);
    }
    named(Path.of("/sys/fs/cgroup"), prefix, 3, found);
    found.removeIf(path -> path.endsWith("/" + prefix));
    processes(prefix, found);
    return found;
  }

  /** What is there of the server with that id and that data directory; empty if nothing is. */
  public static List<String> of(InstanceId instance, Path dataDir) throws IOException {
    String prefix = instance.prefix();
    List<String> found = new ArrayList<>();
    Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .filter(line -> line.contains(prefix) || line.contains(dataDir.toString()))
        .forEach(found::add);
    for (String folder : List.of("/run/netns", "/sys/class/net")) {
      named(Path.of(folder), prefix, 1, found);
    }
    named(Path.of("/sys/fs/cgroup"), prefix, 2, found);
    named(Path.of("/run/sandpool"), prefix, 1, found);
    loopDevices(dataDir, found);
    processes(prefix, found);
    output(found, prefix, "nft", "list", "tables");
    Path claim = dataDir.resolve("network-range");
    if (Files.exists(claim)) {
      // Another server may have claimed another range meanwhile.
      String range = Files.readString(claim).strip();
      output(found, range + " ", "ip", "-4", "route", "show", "type", "unreachable");
    }
    return found;
  }

  private static void named(Path folder, String prefix, int depth, List<String> found)
      throws IOException {
    if (Files.isDirectory(folder)) {
      try (Stream<Path> entries = Files.walk(folder, depth)) {
        entries
            .filter(entry -> String.valueOf(entry.getFileName()).startsWith(prefix))
            .forEach(entry -> found.add(entry.toString()));
      }
    }
  }

  /** Their files are in the data directory, deleted or not. */
  private static void loopDevices(Path dataDir, List<String> found) throws IOException {
    try (Stream<Path> devices = Files.list(Path.of("/sys/block"))) {
      for (Path file : devices.map(device -> device.resolve("loop/backing_file")).toList()) {
        try {
          String backing = Files.readString(file).strip();
          if (backing.startsWith(dataDir.toString())) {
            found.add(file + " " + backing);
          }
        } catch (IOException e) {
          // Another kind of device, or a free one.
        }
      }
    }
  }

  private static void processes(String prefix, List<String> found) throws IOException {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      for (Path process : processes.filter(p -> p.toString().matches("/proc/\\d+")).toList()) {
        try {
          String line =
              new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8);
          if (line.contains(prefix)) {
            found.add(process + " " + line.replace('\0', ' '));
          }
        } catch (IOException e) {
          // Ended meanwhile.
        }
      }
    }
  }

  private static void output(List<String> found, String word, String... command)
      throws IOException {
    Process process = new ProcessBuilder(command).start();
    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.contains(word))
        .forEach(found::add);
  }

  /** Removes a folder with all that is in it. */
  public static void delete(Path folder) throws IOException {
    try (Stream<Path> entries = Files.walk(folder)) {
      for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(entry);
      }
    }
  }
}
