package dev.sandpool.cli.rest;

import dev.sandpool.cli.output.JsonText;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/**
 * A request's body: its kind, its length, and how it is written, which may happen twice, because a
 * request that met an old token is sent again.
 *
 * @param type the Content-Type
 * @param length in bytes
 */
public record Content(String type, long length, Writer writer) {
  /** Writes a body. */
  @FunctionalInterface
  public interface Writer {
    /** Writes all of it. */
    void writeTo(OutputStream out) throws IOException;
  }

  /** JSON on one line. */
  public static Content json(JsonNode json) {
    return bytes("application/json", JsonText.compact(json).getBytes(StandardCharsets.UTF_8));
  }

  /** Bytes as they are. */
  public static Content bytes(String type, byte[] bytes) {
    return new Content(type, bytes.length, out -> out.write(bytes));
  }

  /** A form with one file in it, read while it is sent (RFC 7578). */
  public static Content upload(Path file, String name, String boundary) throws IOException {
    String head =
        "--"
            + boundary
            + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
            + name.replace("\\", "%5C").replace("\"", "%22").replaceAll("[\\r\\n]", " ")
            + "\"\r\nContent-Type: application/octet-stream\r\n\r\n";
    byte[] before = head.getBytes(StandardCharsets.UTF_8);
    byte[] after = ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8);
    long size = Files.size(file);
    return new Content(
        "multipart/form-data; boundary=" + boundary,
        before.length + size + after.length,
        out -> {
          out.write(before);
          copy(file, size, out);
          out.write(after);
        });
  }

  /** Just as many bytes as were announced: a file that grows meanwhile must not break the frame. */
  private static void copy(Path file, long size, OutputStream out) throws IOException {
    long left = size;
    byte[] block = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      int read = in.read(block, 0, (int) Math.min(block.length, left));
      while (left > 0 && read > 0) {
        out.write(block, 0, read);
        left -= read;
        read = left == 0 ? 0 : in.read(block, 0, (int) Math.min(block.length, left));
      }
    }
    if (left > 0) {
      throw new IOException(file + " became shorter while it was sent");
    }
  }
}
