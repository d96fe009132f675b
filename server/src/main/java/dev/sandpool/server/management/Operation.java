package dev.sandpool.server.management;

import dev.sandpool.model.PoolId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/**
 * A long-running operation (contract 1.5). Its id says all there is to know, so operations need no
 * store and outlive a restart.
 *
 * @param generation of the pool that the change made; the operation ends when that generation, or
 *     one that has taken over since, has come up or failed
 */
record Operation(Kind kind, PoolId pool, int generation, Instant started) {
  /** What was asked for. */
  enum Kind {
    PUT,
    PATCH,
    DELETE
  }

  /** The id as it stands in URLs. */
  String id() {
    String text = kind + ":" + pool + ":" + generation + ":" + started.toEpochMilli();
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** The operation of that id, if it is one of ours. */
  static Optional<Operation> of(String id) {
    try {
      String text = new String(Base64.getUrlDecoder().decode(id), StandardCharsets.US_ASCII);
      String[] parts = text.split(":", -1);
      if (parts.length != 4) {
        return Optional.empty();
      }
      return Optional.of(
          new Operation(
              Kind.valueOf(parts[0]),
              new PoolId(parts[1]),
              Integer.parseInt(parts[2]),
              Instant.ofEpochMilli(Long.parseLong(parts[3]))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
