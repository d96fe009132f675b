package dev.sandpool.server.ledger.sqlite;

import dev.sandpool.model.Json;
import dev.sandpool.model.PoolId;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.secret.DataKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Seals all of a ledger's secrets and identifiers with another data key, in one transaction. */
public final class KeyChange {
  /** Properties of documents that hold what was sealed, by name or in order. */
  private static final List<String> SEALED = List.of("sealedSecrets", "sealedKeys");

  private final DataKey before;
  private final DataKey after;

  private KeyChange(DataKey before, DataKey after) {
    this.before = before;
    this.after = after;
  }

  /**
   * Changes the key of a ledger that no server has open. May be repeated: where it has the new one
   * already, only what the old one opens is overwritten.
   *
   * @throws IOException if anything cannot be opened with the old key; then nothing has changed
   */
  public static void run(Path ledger, DataKey before, DataKey after) throws IOException {
    try (Db db = new LedgerFile(ledger, Limits.DEFAULT).openWriter()) {
      Migrator.migrate(db, ledger);
      if (!KeyCheck.isOf(db, after)) {
        KeyCheck.check(db, before, ledger);
        new KeyChange(before, after).all(db);
      }
    } catch (SQLException | IllegalArgumentException e) {
      throw new IOException("ledger " + ledger + " keeps its key: " + e.getMessage(), e);
    }
    overwrite(ledger);
  }

  /** What the old key opens must not be found in pages that are free, or not written back yet. */
  private static void overwrite(Path ledger) throws IOException {
    try (Db db = new LedgerFile(ledger, Limits.DEFAULT).openWriter()) {
      db.script("VACUUM");
      db.list(row -> row.getInt(1), "PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (SQLException e) {
      throw new IOException("ledger " + ledger + " cannot be compacted: " + e.getMessage(), e);
    }
  }

  private void all(Db db) throws SQLException {
    db.run("BEGIN IMMEDIATE");
    try {
      pools(db);
      sandboxes(db);
      documents(db);
      KeyCheck.replace(db, after);
      db.run("COMMIT");
    } catch (SQLException | RuntimeException e) {
      db.run("ROLLBACK");
      throw e;
    }
  }

  /** Both sealed anew, in base64; an array is no value to compare. */
  private record PoolSeals(String id, @Nullable String active, String desired) {}

  private void pools(Db db) throws SQLException {
    for (PoolSeals pool :
        db.list(
            row -> new PoolSeals(row.getString(1), again(row.getBytes(2)), text(row.getBytes(3))),
            "SELECT id, active, desired FROM pool")) {
      String active = pool.active();
      db.update(
          "UPDATE pool SET active = ?, desired = ? WHERE id = ?",
          active == null ? null : bytes(active),
          bytes(pool.desired()),
          pool.id());
    }
  }

  private @Nullable String again(byte @Nullable [] sealed) {
    return sealed == null ? null : text(sealed);
  }

  private record Held(String id, SessionKey session) {}

  private void sandboxes(Db db) throws SQLException {
    var rows = new SandboxRows(after);
    for (Held held :
        db.list(
            row ->
                new Held(
                    row.getString(1),
                    new SessionKey(
                        new PoolId(row.getString(2)),
                        new String(before.open(row.getBytes(3)), StandardCharsets.UTF_8))),
            "SELECT id, pool, identifier FROM sandbox WHERE identifier IS NOT NULL")) {
      db.update(
          "UPDATE sandbox SET identifier_hash = ?, identifier = ? WHERE id = ?",
          rows.hash(held.session()),
          rows.seal(held.session()),
          held.id());
    }
  }

  private record Document(String key, String text) {}

  private void documents(Db db) throws SQLException {
    for (Document document :
        db.list(
            row -> new Document(row.getString(1), row.getString(2)),
            "SELECT id_key, document FROM resource WHERE document LIKE '%\"sealed%'")) {
      if (Json.MAPPER.readTree(document.text()) instanceof ObjectNode root) {
        SEALED.forEach(property -> again(root.path(property)));
        db.update(
            "UPDATE resource SET document = ? WHERE id_key = ?", root.toString(), document.key());
      }
    }
  }

  private void again(JsonNode sealed) {
    if (sealed instanceof ObjectNode named) {
      for (String name : List.copyOf(named.propertyNames())) {
        named.put(name, again(named.path(name).asString()));
      }
    } else if (sealed instanceof ArrayNode listed) {
      for (int i = 0; i < listed.size(); i++) {
        listed.set(i, again(listed.path(i).asString()));
      }
    }
  }

  private String again(String sealed) {
    return text(bytes(sealed));
  }

  /** Whether a ledger has that key. */
  public static boolean isOf(Path ledger, DataKey key) throws IOException {
    try (Db db = new LedgerFile(ledger, Limits.DEFAULT).openReader()) {
      return KeyCheck.isOf(db, key);
    } catch (SQLException e) {
      throw new IOException("ledger " + ledger + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** What was sealed with the old key, sealed with the new one. */
  private String text(byte[] sealed) {
    return Base64.getEncoder().encodeToString(after.seal(before.open(sealed)));
  }

  private static byte[] bytes(String text) {
    return Base64.getDecoder().decode(text);
  }
}
