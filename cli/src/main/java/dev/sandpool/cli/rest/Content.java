package dev.sandpool.cli.rest;

import dev.sandpool.cli.output.JsonText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A request's body: its kind, its length, and where it is read from, which may happen twice,
 * because a request that met an old token is sent again.
 *
 * @param type the Content-Type
 * @param length in bytes
 */
public record Content(String type, long length, Source source) {
  /** Opens a body. */
  @FunctionalInterface
  public interface Source {
    /** All of it, to be closed by the caller. */
    InputStream open() throws IOException;
  }

  /** JSON on one line. */
  public static Content json(JsonNode json) {
    return bytes("application/json", JsonText.compact(json).getBytes(StandardCharsets.UTF_8));
  }

  /** Bytes as they are. */
  public static Content bytes(String type, byte[] bytes) {
    return new Content(type, bytes.length, () -> new ByteArrayInputStream(bytes));
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
    return new Content(
        "multipart/form-data; boundary=" + boundary,
        before.length + Files.size(file) + after.length,
        () ->
            new SequenceInputStream(
                Collections.enumeration(
                    List.of(
                        new ByteArrayInputStream(before),
                        Files.newInputStream(file),
                        new ByteArrayInputStream(after)))));
  }
}
