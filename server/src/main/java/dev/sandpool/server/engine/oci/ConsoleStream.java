package dev.sandpool.server.engine.oci;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A console log from its oldest line on, followed by name: at its bound conmon puts an empty file
 * in its place. Closing it from another thread ends a read that waits.
 */
final class ConsoleStream extends InputStream {
  /** How long the end of a sandbox may go unnoticed when its log does not change any more. */
  private static final long LOOK_AGAIN_MILLIS = 500;

  private final Path file;
  private final BooleanSupplier alive;
  private final @Nullable WatchService changes;
  private InputStream current;
  private @Nullable Object key;

  private ConsoleStream(Path file, BooleanSupplier alive, @Nullable WatchService changes)
      throws IOException {
    this.file = file;
    this.alive = alive;
    this.changes = changes;
    this.key = keyOf(file);
    this.current = Files.newInputStream(file);
  }

  static Optional<InputStream> read(Path file) throws IOException {
    try {
      return Optional.of(Files.newInputStream(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  static Optional<InputStream> follow(Path file, BooleanSupplier alive) throws IOException {
    WatchService changes = FileSystems.getDefault().newWatchService();
    try {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        folder.register(
            changes,
            StandardWatchEventKinds.ENTRY_CREATE,
            StandardWatchEventKinds.ENTRY_MODIFY,
            StandardWatchEventKinds.ENTRY_DELETE);
      }
      return Optional.of(new ConsoleStream(file, alive, changes));
    } catch (NoSuchFileException e) {
      changes.close();
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      changes.close();
      throw e;
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    boolean lastLook = false;
    while (true) {
      int count = current.read(buffer, offset, length);
      if (count >= 0) {
        return count;
      }
      if (replaced()) {
        count = current.read(buffer, offset, length);
        if (count >= 0) {
          return count;
        }
        reopen();
        continue;
      }
      if (lastLook || !awaitChange()) {
        return -1;
      }
      // What was written just before the end is still to be read.
      lastLook = !alive.getAsBoolean();
    }
  }

  private boolean replaced() throws IOException {
    Object now = keyOf(file);
    return now != null && !now.equals(key);
  }

  private void reopen() throws IOException {
    current.close();
    key = keyOf(file);
    current = Files.newInputStream(file);
  }

  /** Returns false where nothing will come any more. */
  private boolean awaitChange() throws IOException {
    if (changes == null) {
      return false;
    }
    try {
      var event = changes.poll(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
      if (event != null) {
        event.pollEvents();
        event.reset();
      }
      return true;
    } catch (ClosedWatchServiceException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while following a console", e);
    }
  }

  private static @Nullable Object keyOf(Path file) throws IOException {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  @Override
  public void close() throws IOException {
    if (changes != null) {
      changes.close();
    }
    current.close();
  }
}
