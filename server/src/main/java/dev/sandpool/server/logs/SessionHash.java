package dev.sandpool.server.logs;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.secret.DataKey;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * What stands for an identifier in logs: a keyed hash, so who knows the identifier can ask for its
 * rows, and rows tell nobody the identifier. Those of one identifier differ from pool to pool.
 */
public record SessionHash(DataKey key) {
  private static final int BYTES = 16;

  /** 32 hexadecimal digits. */
  public String of(PoolId pool, String identifier) {
    byte[] text = ("log " + pool + " " + identifier).getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(key.hash(text), 0, BYTES);
  }

  String of(SessionKey session) {
    return of(session.pool(), session.identifier());
  }
}
