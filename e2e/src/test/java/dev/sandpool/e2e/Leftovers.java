package dev.sandpool.e2e;

import dev.sandpool.model.InstanceId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Everything on the host that carries a server's name, looked for without the server's code: lines
 * {@code KIND WHAT}.
 */
public final class Leftovers {
  /**
   * The host's own end of a slot, spoken to by the host: by a test that shows what listens there.
   */
  private static final Pattern HOST_TO_ITSELF =
      Pattern.compile("^conntrack .*? src=(\\S+) dst=\\1 ");

  private Leftovers() {}

  /** Of sandboxes; what belongs to the server as a whole may be there. */
  public static List<String> sandboxes(InstanceId instance) throws IOException {
    String prefix = instance.prefix();
    List<String> found = new ArrayList<>();
    named("netns", Path.of("/run/netns"), prefix, 1, found);
    named("interface", Path.of("/sys/class/net"), prefix, 1, found);
    named("cgroup", Path.of("/sys/fs/cgroup"), prefix, 3, found);
    found.removeIf(line -> line.endsWith("/" + prefix));
    processes(prefix, found);
    return found;
  }

  /** What is there of the server with that id and that data directory; empty if nothing is. */
  public static List<String> of(InstanceId instance, Path dataDir) throws IOException {
    String prefix = instance.prefix();
    List<String> found = new ArrayList<>();
    lines("mount", Path.of("/proc/self/mountinfo"), found, prefix, dataDir.toString());
    lines("socket", Path.of("/proc/net/unix"), found, prefix, dataDir.toString());
    named("netns", Path.of("/run/netns"), prefix, 1, found);
    named("interface", Path.of("/sys/class/net"), prefix, 1, found);
    named("run", Path.of("/run/sandpool"), prefix, 1, found);
    named("cgroup", Path.of("/sys/fs/cgroup"), prefix, 2, found);
    loops(prefix, dataDir, found);
    processes(prefix, found);
    nft(prefix, found);
    addresses(dataDir, found);
    folders(dataDir, prefix, found);
    return found;
  }

  /**
   * Folders and exit files of sandboxes, and images half made, wherever the data directory has
   * them.
   */
  private static void folders(Path dataDir, String prefix, List<String> found) throws IOException {
    if (!Files.isDirectory(dataDir)) {
      return;
    }
    try (Stream<Path> entries = Files.walk(dataDir, 3)) {
      for (Path entry : entries.skip(1).toList()) {
        String parent = String.valueOf(entry.resolve("..").normalize().getFileName());
        String name = String.valueOf(entry.getFileName());
        if (name.startsWith(prefix) && (parent.equals("sandboxes") || parent.equals("exits"))) {
          found.add("folder " + entry);
        } else if (parent.equals("tmp") || name.startsWith("oci-put-blob")) {
          found.add("temporary " + entry);
        }
      }
    } catch (UncheckedIOException e) {
      folders(dataDir, prefix, found);
    }
  }

  private static void lines(String kind, Path file, List<String> found, String... words)
      throws IOException {
    for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
      if (Stream.of(words).anyMatch(line::contains)) {
        found.add(kind + " " + line);
      }
    }
  }

  private static void loops(String prefix, Path dataDir, List<String> found) throws IOException {
    try (Stream<Path> devices = Files.list(Path.of("/sys/block"))) {
      for (Path device : devices.toList()) {
        Path file = device.resolve("loop/backing_file");
        if (Files.isReadable(file)) {
          String backing = read(file);
          if (backing.contains(prefix) || backing.contains(dataDir.toString())) {
            found.add("loop " + device + " " + backing);
          }
        }
      }
    }
  }

  private static void named(String kind, Path folder, String prefix, int depth, List<String> found)
      throws IOException {
    if (Files.isDirectory(folder)) {
      try (Stream<Path> entries = Files.walk(folder, depth)) {
        entries
            .filter(entry -> String.valueOf(entry.getFileName()).startsWith(prefix))
            .forEach(entry -> found.add(kind + " " + entry));
      } catch (UncheckedIOException e) {
        // Somebody else's, removed while it was walked: look again.
        named(kind, folder, prefix, depth, found);
      }
    }
  }

  private static void processes(String prefix, List<String> found) throws IOException {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      for (Path process : processes.filter(p -> p.toString().matches("/proc/\\d+")).toList()) {
        String line = read(process.resolve("cmdline"));
        if (line.contains(prefix)) {
          found.add("process " + process + " " + line.replace('\0', ' '));
        }
      }
    }
  }

  /** Empty where it is gone meanwhile. */
  private static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "";
    }
  }

  /** Tables, and the elements of their sets that are named after something of ours. */
  private static void nft(String prefix, List<String> found) throws IOException {
    output("nft", found, prefix, "nft", "list", "tables");
    for (String table : List.copyOf(found)) {
      if (table.startsWith("nft table ")) {
        String[] words = table.substring("nft table ".length()).split(" ");
        List<String> lines = new ArrayList<>();
        output("", lines, "elements = ", "nft", "list", "table", words[0], words[1]);
        for (String line : lines) {
          for (String element : line.substring(line.indexOf('{') + 1).split(",")) {
            found.add("nft-element " + element.strip());
          }
        }
      }
    }
  }

  /** Connections that the kernel remembers and routes, of the range that the server has claimed. */
  private static void addresses(Path dataDir, List<String> found) throws IOException {
    for (String place : List.of("network-range", "engine/network-range")) {
      Path claim = dataDir.resolve(place);
      if (Files.exists(claim)) {
        // Another server may have claimed another range meanwhile.
        String range = Files.readString(claim).strip();
        output("route", found, range + " ", "ip", "-4", "route", "show", "type", "unreachable");
        output("conntrack", found, "src=", "conntrack", "-L", "-f", "ipv4", "--orig-dst", range);
        output("conntrack", found, "src=", "conntrack", "-L", "-f", "ipv4", "--orig-src", range);
      }
    }
    found.removeIf(line -> HOST_TO_ITSELF.matcher(line).find());
  }

  private static void output(String kind, List<String> found, String word, String... command)
      throws IOException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.contains(word))
        .forEach(line -> found.add((kind + " " + line.strip()).strip()));
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
