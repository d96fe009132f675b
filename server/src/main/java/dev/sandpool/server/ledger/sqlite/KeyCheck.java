package dev.sandpool.server.ledger.sqlite;

import dev.sandpool.server.secret.DataKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HexFormat;

/**
 * Tells at start that a ledger belongs to another data key. Otherwise identifiers would hash to
 * other values, and every session would silently get a second sandbox.
 */
final class KeyCheck {
  private static final byte[] WORD = "sandpool ledger".getBytes(StandardCharsets.US_ASCII);

  private KeyCheck() {}

  /**
   * Leaves the key's mark in a new ledger, compares it in an old one.
   *
   * @throws IOException if the key is another
   */
  static void check(Db db, DataKey key, Object place) throws IOException, SQLException {
    String mark = mark(key);
    db.update(
        "INSERT INTO key_check (mark) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM key_check)", mark);
    String stored = db.first(row -> row.getString(1), "SELECT mark FROM key_check").orElse("");
    if (!stored.equals(mark)) {
      throw new IOException(
          "ledger " + place + " was written under another data key: restore key and ledger as one");
    }
  }

  /** Whether the ledger belongs to that key. */
  static boolean isOf(Db db, DataKey key) throws SQLException {
    return db.first(row -> row.getString(1), "SELECT mark FROM key_check")
        .filter(mark(key)::equals)
        .isPresent();
  }

  /** The ledger belongs to another key from now on. */
  static void replace(Db db, DataKey key) throws SQLException {
    db.update("UPDATE key_check SET mark = ?", mark(key));
  }

  private static String mark(DataKey key) {
    return HexFormat.of().formatHex(key.hash(WORD));
  }
}
