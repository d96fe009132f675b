package dev.sandpool.server.ledger.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.Set;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/** The database file and how connections to it are made. SQLite gives -wal and -shm its mode. */
record LedgerFile(Path path, Limits limits) {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  /** Makes an empty file where there is none; takes others' rights to an existing one away. */
  void prepare() throws IOException {
    if (Files.exists(path)) {
      Files.setPosixFilePermissions(path, OWNER_ONLY);
    } else {
      Files.createFile(path, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    }
  }

  /**
   * A connection that writes. It never makes the file: a ledger that has vanished is an error, not
   * an empty ledger.
   */
  Db openWriter() throws SQLException {
    SQLiteConfig config = config();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    // A power loss may take the last commits, but it kills all sandboxes too; a crash takes none.
    config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    config.setMaxPageCount(limits.pages());
    // Only if the checkpointer fails for long: it would stop the writer.
    config.setPragma(SQLiteConfig.Pragma.WAL_AUTOCHECKPOINT, "32768");
    return connect(config);
  }

  /** A connection that cannot write. */
  Db openReader() throws SQLException {
    SQLiteConfig config = config();
    config.setReadOnly(true);
    return connect(config);
  }

  private SQLiteConfig config() {
    var config = new SQLiteConfig();
    config.setBusyTimeout(Math.toIntExact(limits.busy().toMillis()));
    config.enforceForeignKeys(true);
    config.resetOpenMode(SQLiteOpenMode.CREATE);
    return config;
  }

  private Db connect(SQLiteConfig config) throws SQLException {
    return new Db(config.createConnection("jdbc:sqlite:" + path.toAbsolutePath()));
  }
}
