package dev.sandpool.server.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What is mounted, as /proc/self/mountinfo has it (proc(5)). */
public final class Mounts {
  /**
   * One mount.
   *
   * @param options of the file system, for cgroups its controllers
   */
  public record Mount(Path target, String type, List<String> options) {
    public Mount {
      options = List.copyOf(options);
    }
  }

  private Mounts() {}

  /** All mounts that this process sees, in the order in which they were made. */
  public static List<Mount> all() throws IOException {
    List<Mount> mounts = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
      mounts.add(parse(line));
    }
    return mounts;
  }

  static Mount parse(String line) {
    int separator = line.indexOf(" - ");
    String[] before = line.substring(0, separator).split(" ");
    String[] after = line.substring(separator + 3).split(" ");
    return new Mount(
        Path.of(unescape(before[4])), after[0], Arrays.asList(after[after.length - 1].split(",")));
  }

  private static String unescape(String text) {
    return text.replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }
}
