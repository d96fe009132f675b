package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A session token that a browser's WebSocket carries as {@code Sec-WebSocket-Protocol:
 * sandpool.token.TOKEN, chat}, because scripts can set no other header there.
 */
final class SubprotocolToken {
  static final String HEADER = "Sec-WebSocket-Protocol";
  static final String PREFIX = "sandpool.token.";

  private SubprotocolToken() {}

  /**
   * Takes the token out of the headers, so that the sandbox never sees it; null if there is none.
   *
   * @throws ArmException 400 if there are two, or no protocol beside it: browsers give a connection
   *     up whose server chose none of theirs
   */
  static @Nullable String take(HttpHeaders headers) {
    List<String> given = headers.getAll(HEADER);
    if (given.stream().noneMatch(line -> line.contains(PREFIX))) {
      return null;
    }
    List<String> others = new ArrayList<>();
    String token = null;
    for (String one : String.join(",", given).split(",", -1)) {
      String protocol = one.strip();
      if (!protocol.startsWith(PREFIX)) {
        others.add(protocol);
      } else if (token == null) {
        token = protocol.substring(PREFIX.length());
      } else {
        throw new ArmException(400, "DuplicateHeader", "There are two tokens among the protocols.");
      }
    }
    if (token != null && others.isEmpty()) {
      throw new ArmException(
          400,
          "MissingWebSocketProtocol",
          "Beside 'sandpool.token.TOKEN' a protocol is needed that the application speaks.");
    }
    headers.set(HEADER, String.join(", ", others));
    return token;
  }
}
