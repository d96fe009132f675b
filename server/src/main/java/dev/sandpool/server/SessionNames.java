package dev.sandpool.server;

import dev.sandpool.server.secret.DataKey;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * What logs call a session instead of its identifier, which is secret: 12 hexadecimal digits of its
 * keyed hash. Equal identifiers have equal names, also of different pools.
 */
record SessionNames(DataKey key) {
  private static final int BYTES = 6;

  String of(String identifier) {
    byte[] hash = key.hash(identifier.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash, 0, BYTES);
  }
}
