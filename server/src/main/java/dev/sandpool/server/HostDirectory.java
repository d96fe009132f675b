package dev.sandpool.server;

import dev.sandpool.model.InstanceId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;

/**
 * A data directory as the engine has it, who makes it:
 *
 * <pre>
 *   instance   the name of everything on the host
 *   server/    the server's own, readable by it alone ({@link DataDirectory})
 *   images/    what the server has pulled
 *   engine/    the engine's own: sandboxes and unpacked images
 * </pre>
 *
 * <p>The directory itself belongs to the engine's user, so that the server cannot put anything of
 * its own in the place of {@code engine/}.
 */
final class HostDirectory implements AutoCloseable {
  private static final Set<String> OURS =
      Set.of("instance", "instance.new", "server", "images", "engine");
  private static final String PASSABLE = "rwx--x--x";
  private static final String PRIVATE = "rwx------";

  private final Path root;
  private final InstanceId instance;
  private final DirectoryLock lock;

  private HostDirectory(Path root, InstanceId instance, DirectoryLock lock) {
    this.root = root;
    this.instance = instance;
    this.lock = lock;
  }

  /**
   * Opens it; makes what is not there yet, and gives the user his places in it.
   *
   * @throws DataDirectoryBusyException if another server has it
   * @throws IOException also if it is a directory of something else, so that a mistyped path
   *     changes nothing there, and if a folder above it is closed to the user
   */
  static HostDirectory open(Path path, ServerUser user) throws IOException {
    Path root = Files.createDirectories(path.toAbsolutePath().normalize()).toRealPath();
    refuseForeign(root);
    refuseOthers(root);
    folder(root.resolve("engine"), PASSABLE);
    DirectoryLock lock = take(root);
    try {
      InstanceId instance = instance(root.resolve("instance"));
      Files.setPosixFilePermissions(root, PosixFilePermissions.fromString(PASSABLE));
      user.give(folder(root.resolve("server"), PRIVATE));
      user.give(folder(root.resolve("images"), PASSABLE));
      user.requireReach(root.resolve("server"));
      return new HostDirectory(root, instance, lock);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static DirectoryLock take(Path root) throws IOException {
    try {
      return DirectoryLock.take(root.resolve("engine/lock"));
    } catch (DataDirectoryBusyException e) {
      // The other's server says more of itself than its engine does.
      throw new DataDirectoryBusyException(root, DirectoryLock.holder(root.resolve("server/lock")));
    }
  }

  private static void refuseForeign(Path root) throws IOException {
    try (var entries = Files.list(root)) {
      if (entries.anyMatch(entry -> !OURS.contains(entry.getFileName().toString()))) {
        throw new IOException(
            "data directory "
                + root
                + " holds other things and was not made by Sandpool; name a new or an empty one");
      }
    }
  }

  /** Whoever else could write here could put a folder of his own in the place of the engine's. */
  private static void refuseOthers(Path root) throws IOException {
    int me = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    for (Path path : List.of(root, root.resolve("engine"), root.resolve("instance"))) {
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)
          && !Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(me)) {
        throw new IOException(path + " belongs to somebody else; it has to be the engine's own");
      }
    }
  }

  private static Path folder(Path folder, String permissions) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectory(folder);
    }
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
    return folder;
  }

  private static InstanceId instance(Path file) throws IOException {
    if (!Files.exists(file)) {
      Path fresh = file.resolveSibling("instance.new");
      InstanceId made = InstanceId.random(new SecureRandom());
      Files.write(fresh, made.value().getBytes(StandardCharsets.US_ASCII));
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-r--r--"));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
    return DataDirectory.readInstance(file);
  }

  /** The name of this server on the host. */
  InstanceId instance() {
    return instance;
  }

  /** Everything durable of the engine. */
  Path engine() {
    return root.resolve("engine");
  }

  /** Unpacked images. */
  Path roots() {
    return engine().resolve("roots");
  }

  /** Where the server works on images that it brings here. */
  Path imageWork() {
    return root.resolve("images/tmp");
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
