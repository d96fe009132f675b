package dev.sandpool.cli.image;

import dev.sandpool.cli.rest.Arm;
import dev.sandpool.cli.rest.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Brings a file to the server in pieces of the size that the server asks for. Closing it takes back
 * what was not imported.
 */
final class Upload implements AutoCloseable {
  private static final String ALL = "/sandpool/images/uploads";

  private final Arm arm;
  private final String id;
  private final int chunk;
  private final long size;
  private boolean handedOver;

  private Upload(Arm arm, JsonNode begun, long size) {
    this.arm = arm;
    this.id = begun.path("id").asString("");
    this.chunk = Math.clamp(begun.path("chunkBytes").asInt(0), 1, 1 << 20);
    this.size = size;
  }

  /** An upload of that many bytes, empty yet. */
  static Upload begin(Arm arm, long size) {
    var body = JsonNodeFactory.instance.objectNode().put("sizeBytes", size);
    return new Upload(arm, arm.post(ALL, body), size);
  }

  String id() {
    return id;
  }

  /** Sends the whole file. */
  void send(Path file, Progress progress) throws IOException {
    long sent = 0;
    int shown = -1;
    try (InputStream in = Files.newInputStream(file)) {
      while (sent < size) {
        byte[] piece = in.readNBytes((int) Math.min(chunk, size - sent));
        if (piece.length == 0) {
          throw new IOException(file + " became shorter while it was sent");
        }
        arm.putBytes(ALL + "/" + id + "?offset=" + sent, piece);
        sent += piece.length;
        int tenths = (int) (sent * 10 / size);
        if (tenths > shown) {
          progress.show("uploading " + tenths * 10 + " %");
          shown = tenths;
        }
      }
    }
  }

  /** From now on the server looks after it. */
  void handedOver() {
    handedOver = true;
  }

  @Override
  public void close() {
    if (!handedOver) {
      arm.delete(ALL + "/" + id, new Arm.Waiting(false, id));
    }
  }
}
