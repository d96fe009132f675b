package dev.sandpool.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The exclusive lock on a data directory: a lock of the kernel on a file whose content names the
 * holder. The kernel frees it when the process ends, however it ends, so a stale one cannot exist.
 *
 * <p>The lock belongs to the process and is lost when <em>any</em> descriptor of the file is closed
 * in it. So nothing else in this process may open the file.
 */
final class DirectoryLock implements AutoCloseable {
  private static final int HOLDER_BYTES = 512;

  private final FileChannel channel;
  private final boolean named;

  private DirectoryLock(FileChannel channel, boolean named) {
    this.channel = channel;
    this.named = named;
  }

  /**
   * Takes the lock.
   *
   * @throws DataDirectoryBusyException if another server has it
   */
  static DirectoryLock take(Path file) throws IOException {
    var owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    Set<OpenOption> options =
        Set.of(
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS);
    DirectoryLock lock = locked(file, FileChannel.open(file, options, owner), true);
    try {
      lock.name("pid " + ProcessHandle.current().pid());
      return lock;
    } catch (IOException | RuntimeException e) {
      lock.channel.close();
      throw e;
    }
  }

  /**
   * Takes the lock of somebody else's directory, to keep him out of it, and writes nothing: who may
   * write there may have made the file one more name of another file of the host.
   *
   * @throws DataDirectoryBusyException if he has it
   * @throws IOException also if the file is a link, or not there
   */
  static DirectoryLock hold(Path file) throws IOException {
    Set<OpenOption> options =
        Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    return locked(file, FileChannel.open(file, options), false);
  }

  private static DirectoryLock locked(Path file, FileChannel channel, boolean named)
      throws IOException {
    try {
      if (tryLock(channel) == null) {
        Path directory = file.toAbsolutePath().getParent();
        throw new DataDirectoryBusyException(directory == null ? file : directory, read(channel));
      }
      return new DirectoryLock(channel, named);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Says where the holder is to be found. */
  void announce(String endpoint) throws IOException {
    name("pid " + ProcessHandle.current().pid() + ", " + endpoint);
  }

  private void name(String holder) throws IOException {
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(holder.getBytes(StandardCharsets.UTF_8)), 0);
  }

  /**
   * What a lock file says of its holder; not to be asked of a file that this process has locked.
   */
  static String holder(Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return "";
    }
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      return new String(in.readNBytes(HOLDER_BYTES), StandardCharsets.UTF_8).replace("\0", "");
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException _) {
      return null; // held in this very process
    }
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(HOLDER_BYTES);
    channel.read(buffer, 0);
    return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      if (named) {
        channel.truncate(0);
      }
    }
  }
}
