package dev.sandpool.server;

import dev.sandpool.server.secret.DataKey;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** What a session is called instead of by its identifier, which is secret: a keyed hash. */
public record SessionNames(DataKey key) {
  private static final int BYTES = 6;

  /**
   * For logs: 12 hexadecimal digits. Equal identifiers have equal ones, also of different pools.
   */
  public String of(String identifier) {
    return HexFormat.of().formatHex(hash(identifier), 0, BYTES);
  }

  /** What the host of a session is made of, in hexadecimal digits. */
  public String host(String session) {
    return HexFormat.of().formatHex(hash("host " + session));
  }

  /** What a sandbox shows where it asks for tokens, in hexadecimal digits. */
  String door(String sandbox) {
    return HexFormat.of().formatHex(hash("door " + sandbox));
  }

  private byte[] hash(String text) {
    return key.hash(text.getBytes(StandardCharsets.UTF_8));
  }
}
