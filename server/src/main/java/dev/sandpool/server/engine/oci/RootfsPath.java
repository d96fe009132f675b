package dev.sandpool.server.engine.oci;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Finds files of an image as the image itself would: symbolic links and {@code ..} never lead out
 * of its root, whoever wrote them. Nothing else may change the root meanwhile.
 */
final class RootfsPath {
  private static final int MAX_LINKS = 40;

  private RootfsPath() {}

  /**
   * The path on the host; its last parts need not exist.
   *
   * @throws IOException if there are more than 40 symbolic links on the way
   */
  static Path resolve(Path rootfs, String path) throws IOException {
    Deque<String> rest = new ArrayDeque<>();
    push(rest, path);
    Path at = rootfs;
    int links = 0;
    while (!rest.isEmpty()) {
      String part = rest.pop();
      if (part.isEmpty() || part.equals(".")) {
        continue;
      }
      if (part.equals("..")) {
        at = at.equals(rootfs) ? rootfs : parent(at, rootfs);
        continue;
      }
      Path next = at.resolve(part);
      if (!Files.isSymbolicLink(next)) {
        at = next;
        continue;
      }
      if (++links > MAX_LINKS) {
        throw new IOException("too many symbolic links in " + path + " of the image");
      }
      String target = Files.readSymbolicLink(next).toString();
      if (target.startsWith("/")) {
        at = rootfs;
      }
      push(rest, target);
    }
    return at;
  }

  /** As {@link #resolve}, where the file is a regular one; null where it is not. */
  static java.util.Optional<Path> regularFile(Path rootfs, String path) throws IOException {
    Path found = resolve(rootfs, path);
    return Files.isRegularFile(found, LinkOption.NOFOLLOW_LINKS)
        ? java.util.Optional.of(found)
        : java.util.Optional.empty();
  }

  private static Path parent(Path path, Path rootfs) {
    Path parent = path.getParent();
    return parent == null ? rootfs : parent;
  }

  private static void push(Deque<String> rest, String path) {
    String[] parts = path.split("/");
    for (int i = parts.length - 1; i >= 0; i--) {
      rest.push(parts[i]);
    }
  }
}
