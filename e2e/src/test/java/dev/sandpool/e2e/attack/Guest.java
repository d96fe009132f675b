package dev.sandpool.e2e.attack;

import dev.sandpool.model.Json;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.time.Patience;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A sandbox in which the agent of the kit runs and takes orders.
 *
 * @param wire its interface on the host
 */
record Guest(SandboxId id, String address, String wire) {
  private static final int PORT = 8080;
  private static final Duration PATIENCE = Patience.of(Duration.ofSeconds(60));
  private static final Duration A_MOMENT = Patience.of(Duration.ofSeconds(2));

  /** The agent went away over an order, and the sandbox with it. */
  static final class LostException extends IOException {
    private static final long serialVersionUID = 1L;

    LostException(String message) {
      super(message);
    }
  }

  /** Gives an order and waits for the answer. */
  JsonNode order(String name, Map<String, ?> order) throws IOException {
    return order(name, order, PATIENCE);
  }

  /** The same, not waiting longer than that. */
  JsonNode order(String name, Map<String, ?> order, Duration patience) throws IOException {
    String text = HexFormat.of().formatHex(Json.MAPPER.writeValueAsBytes(order));
    String answer;
    try (var socket = new Socket(address, PORT)) {
      socket.setSoTimeout((int) patience.toMillis());
      socket
          .getOutputStream()
          .write(
              ("GET /" + name + "?" + text + " HTTP/1.0\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new LostException("the sandbox is lost: " + e.getMessage());
    }
    int body = answer.indexOf("\r\n\r\n");
    if (body < 0) {
      throw new LostException("the sandbox is lost");
    }
    JsonNode node = Json.MAPPER.readTree(answer.substring(body + 4));
    if (node.isObject() && node.has("failed")) {
      throw new IllegalStateException(node.path("failed").asString());
    }
    return node;
  }

  /** Whether the agent listens yet. */
  boolean listens() {
    try {
      order("ping", Map.of(), A_MOMENT);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
