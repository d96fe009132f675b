package dev.sandpool.server.engine.oci;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The few files that a sandbox's network needs, and its working folder, put into its own layer
 * before it starts. Links of the image are followed inside its root only.
 */
final class RootfsFiles {
  private static final int STICKY_FOR_ALL = 01777;

  private final Path rootfs;

  RootfsFiles(Path rootfs) {
    this.rootfs = rootfs;
  }

  void write(String hostname, String address, List<String> resolvers) throws IOException {
    replace("/etc/hostname", hostname + "\n");
    replace(
        "/etc/hosts",
        """
        127.0.0.1 localhost
        ::1 localhost ip6-localhost ip6-loopback
        %s %s
        """
            .formatted(address, hostname));
    replace(
        "/etc/resolv.conf",
        resolvers.stream().map(r -> "nameserver " + r + "\n").collect(Collectors.joining()));
  }

  void makeFolder(String path) throws IOException {
    Path folder = RootfsPath.resolve(rootfs, path);
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(folder);
    }
  }

  /**
   * Keeps /tmp on the sandbox's disk: where gVisor finds it empty, it lays a tmpfs over it that
   * counts to the sandbox's memory and ends it instead of being full.
   */
  void occupyTmp() throws IOException {
    Path folder = RootfsPath.resolve(rootfs, "/tmp");
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(folder);
      Files.setAttribute(folder, "unix:mode", STICKY_FOR_ALL);
    }
    if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      Path file = folder.resolve(".on-disk");
      if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        Files.createFile(file);
      }
    }
  }

  /** A link is replaced, not followed: images link resolv.conf to where nothing will be. */
  private void replace(String path, String text) throws IOException {
    makeFolder("/etc");
    Path file = RootfsPath.resolve(rootfs, "/etc").resolve(Path.of(path).getFileName());
    if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
      Files.deleteIfExists(file);
      Files.writeString(file, text);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }
  }
}
