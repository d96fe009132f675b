package dev.sandpool.server.engine.oci;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who runs in a sandbox: the image's USER, names looked up in the image's own files.
 *
 * @param groups all of its groups, the first one too: one that is left out can be dropped, and with
 *     it what a file denies to that group (CVE-2022-36109)
 * @param home the home folder, {@code /} where nobody knows
 */
public record ImageUser(long uid, long gid, List<Long> groups, String home) {
  private static final long MAX_FILE = 1 << 20;
  private static final long MAX_ID = 0xffff_fffeL;

  /**
   * Resolves {@code user}, {@code user:group}, each a number or a name; null is root.
   *
   * @throws IllegalArgumentException naming a user or group that the image does not have
   */
  static ImageUser resolve(Path rootfs, @Nullable String text) throws IOException {
    String[] parts = (text == null || text.isBlank() ? "0" : text.strip()).split(":", 2);
    List<String[]> users = lines(rootfs, "/etc/passwd", 6);
    Optional<String[]> entry = find(users, parts[0]);
    long uid = id(entry.map(e -> e[2]).orElse(parts[0]), "user", parts[0]);
    List<String[]> groups = lines(rootfs, "/etc/group", 3);
    String home = entry.map(e -> e[5]).filter(h -> h.startsWith("/")).orElse("/");
    if (parts.length == 2 && !parts[1].isEmpty()) {
      String group = find(groups, parts[1]).map(e -> e[2]).orElse(parts[1]);
      long gid = id(group, "group", parts[1]);
      return new ImageUser(uid, gid, List.of(gid), home);
    }
    long gid = entry.map(e -> id(e[3], "group", e[3])).orElse(0L);
    return new ImageUser(uid, gid, memberships(groups, entry, gid), home);
  }

  private static List<Long> memberships(
      List<String[]> groups, Optional<String[]> user, long primary) {
    Stream<Long> others =
        user.stream()
            .flatMap(
                entry ->
                    groups.stream()
                        .filter(g -> g.length > 3 && List.of(g[3].split(",")).contains(entry[0])))
            .map(group -> id(group[2], "group", group[0]));
    return Stream.concat(Stream.of(primary), others).distinct().toList();
  }

  private static Optional<String[]> find(List<String[]> entries, String nameOrId) {
    return Stream.concat(
            entries.stream().filter(e -> e[0].equals(nameOrId)),
            entries.stream().filter(e -> e[2].equals(nameOrId)))
        .findFirst();
  }

  private static long id(String text, String what, String asWritten) {
    try {
      long id = Long.parseLong(text);
      if (id >= 0 && id <= MAX_ID) {
        return id;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "the image has no " + what + " '" + asWritten + "', which its USER names", e);
    }
    throw new IllegalArgumentException("'" + asWritten + "' is not a " + what + " number");
  }

  private static List<String[]> lines(Path rootfs, String file, int fields) throws IOException {
    Optional<Path> path = RootfsPath.regularFile(rootfs, file);
    if (path.isEmpty() || Files.size(path.get()) > MAX_FILE) {
      return List.of();
    }
    String text = new String(Files.readAllBytes(path.get()), StandardCharsets.UTF_8);
    return text.lines()
        .map(line -> line.split(":", -1))
        .filter(entry -> entry.length >= fields)
        .toList();
  }
}
