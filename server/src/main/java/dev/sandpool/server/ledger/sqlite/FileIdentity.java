package dev.sandpool.server.ledger.sqlite;

import dev.sandpool.server.ledger.LedgerUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * Which file was opened: SQLite goes on with it when another is moved into its place, and all that
 * is committed from then on is lost at the next start.
 *
 * @param key the file system's name of it; null where it has none
 */
record FileIdentity(Path path, @Nullable Object key) {
  static FileIdentity of(Path path) throws IOException {
    return new FileIdentity(path, key(path));
  }

  private static @Nullable Object key(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  /**
   * Returns if the file is still in its place.
   *
   * @throws LedgerUnavailableException if it is not
   */
  void check() {
    try {
      if (equals(of(path))) {
        return;
      }
    } catch (IOException e) {
      throw gone(e);
    }
    throw gone(null);
  }

  private LedgerUnavailableException gone(@Nullable IOException cause) {
    return new LedgerUnavailableException(
        "the ledger " + path + " was replaced or removed while it was open; restart the server",
        cause);
  }
}
