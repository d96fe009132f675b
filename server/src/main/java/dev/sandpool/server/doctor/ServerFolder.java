package dev.sandpool.server.doctor;

import dev.sandpool.model.InstanceId;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A server's data directory, seen from outside and without changing it; it may not be there yet.
 *
 * @param root absolute
 */
record ServerFolder(Path root) {
  private static final String INSTANCE = "instance";

  /** Keeps servers out until it is closed. */
  interface Hold extends AutoCloseable {
    @Override
    void close() throws IOException;
  }

  /** The server's name on the host; empty before its first start. */
  Optional<InstanceId> instance() throws IOException {
    return instanceIn(root);
  }

  /** The server's name on the host, where that folder is a server's. */
  static Optional<InstanceId> instanceIn(Path folder) throws IOException {
    Path file = folder.resolve(INSTANCE);
    if (!Files.isRegularFile(file) || Files.size(file) > 16) {
      return Optional.empty();
    }
    try {
      return Optional.of(new InstanceId(Files.readString(file).strip()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** What the part without rights on the host keeps. */
  Path own() {
    return root.resolve("server");
  }

  /** What the part with rights on the host keeps. */
  Path engine() {
    return root.resolve("engine");
  }

  Path dataKey() {
    return own().resolve("data.key");
  }

  Path admin() {
    return own().resolve("admin.json");
  }

  /** Held by the part with rights on the host: as long as it runs, it clears up. */
  private Path lock() {
    return engine().resolve("lock");
  }

  /** Held by the part without rights on the host. */
  private Path ownLock() {
    return own().resolve("lock");
  }

  /** The process that has the lock, from the kernel's list of locks: nothing is locked for it. */
  Optional<Long> holder() throws IOException {
    return holder(lock());
  }

  /** The server's processes; none where it does not run. */
  Set<Long> processes() throws IOException {
    Set<Long> processes = new TreeSet<>();
    for (Path file : List.of(lock(), ownLock())) {
      holder(file).ifPresent(processes::add);
    }
    return processes;
  }

  private static Optional<Long> holder(Path lock) throws IOException {
    if (!Files.exists(lock)) {
      return Optional.empty();
    }
    var inode = (Long) Files.getAttribute(lock, "unix:ino");
    return LockList.holders(Files.readAllLines(Path.of("/proc/locks")), inode).stream()
        .filter(pid -> hasOpen(pid, lock))
        .findFirst();
  }

  /** Inode numbers are unique in one file system only. */
  private static boolean hasOpen(long pid, Path lock) {
    try (var files = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
      Path real = lock.toRealPath();
      for (Path file : files) {
        if (Files.isSymbolicLink(file) && Files.readSymbolicLink(file).equals(real)) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      // Not ours to look into, so take it for the holder.
      return true;
    }
  }

  /**
   * Takes the lock, so that no server starts meanwhile.
   *
   * @throws IOException if a server has it
   */
  Hold hold() throws IOException {
    FileChannel channel = FileChannel.open(lock(), StandardOpenOption.WRITE);
    if (channel.tryLock() == null) {
      channel.close();
      throw new IOException("a server runs on " + root + "; it clears up by itself");
    }
    return channel::close;
  }
}
