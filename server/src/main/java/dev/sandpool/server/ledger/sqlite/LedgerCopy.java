package dev.sandpool.server.ledger.sqlite;

import dev.sandpool.server.secret.DataKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies of a ledger: taken while a server works with it, and put in its place while none does. */
public final class LedgerCopy {
  private static final Logger LOG = LoggerFactory.getLogger(LedgerCopy.class);

  private LedgerCopy() {}

  /**
   * Writes a copy of the ledger as it is at one moment, in one file (0600) that needs no other; a
   * server that writes meanwhile is not held up. Secrets are in it sealed, the data key is not.
   *
   * @param to a file that is not there yet
   * @throws IOException also if the copy is not a whole ledger
   */
  public static void backUp(Path ledger, Path to) throws IOException {
    if (Files.exists(to)) {
      throw new IOException(to + " is there already; name a file that is not");
    }
    if (!Files.exists(ledger)) {
      throw new IOException("there is no ledger " + ledger);
    }
    Path fresh = to.resolveSibling(to.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    try {
      Files.createFile(
          fresh,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      try (Db db = new LedgerFile(ledger, Limits.DEFAULT).openReader()) {
        // SQLite takes an empty file for a new one, so its mode is there before the first byte.
        db.update("VACUUM INTO ?", fresh.toString());
      }
      check(fresh);
      sync(fresh);
      Files.move(fresh, to, StandardCopyOption.ATOMIC_MOVE);
      sync(to.toAbsolutePath().resolveSibling(""));
    } catch (SQLException e) {
      throw new IOException("ledger " + ledger + " cannot be copied: " + e.getMessage(), e);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /**
   * Puts a copy in the ledger's place. No server may have the ledger open.
   *
   * @param from what {@link #backUp} wrote; it stays
   * @throws IOException if the copy is damaged, of a newer version or of another data key; then the
   *     ledger is as it was
   */
  public static void restore(Path from, Path ledger, DataKey key) throws IOException {
    Path fresh = ledger.resolveSibling(ledger.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    besides(fresh);
    try {
      Files.copy(from, fresh);
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
      check(fresh);
      try (Db db = new LedgerFile(fresh, Limits.DEFAULT).openWriter()) {
        Migrator.migrate(db, from);
        KeyCheck.check(db, key, from);
        db.list(row -> row.getInt(1), "PRAGMA wal_checkpoint(TRUNCATE)");
      } catch (SQLException e) {
        throw new IOException(from + " cannot be used: " + e.getMessage(), e);
      }
      sync(fresh);
      writeBack(ledger);
      // What the old ledger had not written back yet must not be applied to the new one.
      besides(ledger);
      Files.move(
          fresh, ledger, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      sync(ledger.toAbsolutePath().resolveSibling(""));
    } finally {
      Files.deleteIfExists(fresh);
      besides(fresh);
    }
  }

  /** Makes the old ledger whole without its log, in case this run is cut short after that. */
  private static void writeBack(Path ledger) {
    if (!Files.exists(ledger)) {
      return;
    }
    try (Db db = new LedgerFile(ledger, Limits.DEFAULT).openWriter()) {
      db.list(row -> row.getInt(1), "PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (SQLException e) {
      LOG.warn("the ledger that is replaced cannot be read: {}", e.getMessage());
    }
  }

  private static void sync(Path fileOrFolder) throws IOException {
    try (FileChannel channel = FileChannel.open(fileOrFolder)) {
      channel.force(true);
    }
  }

  private static void besides(Path database) throws IOException {
    for (String suffix : new String[] {"-wal", "-shm"}) {
      Files.deleteIfExists(database.resolveSibling(database.getFileName() + suffix));
    }
  }

  private static void check(Path copy) throws IOException {
    try (Db db = new LedgerFile(copy, Limits.DEFAULT).openReader()) {
      String found =
          db.first(row -> row.getString(1), "PRAGMA integrity_check").orElse("nothing to check");
      if (!Objects.equals(found, "ok")) {
        throw new IOException(copy + " is damaged: " + found);
      }
    } catch (SQLException e) {
      throw new IOException(copy + " is no ledger: " + e.getMessage(), e);
    }
  }
}
