package dev.sandpool.server.engine.remote;

import dev.sandpool.model.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import tools.jackson.core.JacksonException;

/** What comes out of a socket: one JSON value a line, and perhaps a stream behind the last. */
final class Lines {
  /** Of environment variables the contract bounds neither number nor length; a line has an end. */
  private static final int MAX_BYTES = 1 << 20;

  private final SocketChannel from;
  private final ByteBuffer buffer = ByteBuffer.allocate(8 << 10).limit(0);

  Lines(SocketChannel from) {
    this.from = from;
  }

  /** Writes a value as one line. */
  static void write(SocketChannel to, Object value) throws IOException {
    byte[] json = Json.MAPPER.writeValueAsBytes(value);
    ByteBuffer line = ByteBuffer.allocate(json.length + 1).put(json).put((byte) '\n').flip();
    while (line.hasRemaining()) {
      to.write(line);
    }
  }

  /**
   * The next line's value.
   *
   * @throws EOFException if the other side has closed before its end
   * @throws IOException if it is no such value
   */
  <T> T next(Class<T> type) throws IOException {
    var line = new ByteArrayOutputStream();
    while (true) {
      while (buffer.hasRemaining()) {
        byte octet = buffer.get();
        if (octet == '\n') {
          return parse(line.toByteArray(), type);
        }
        line.write(octet);
      }
      if (line.size() > MAX_BYTES) {
        throw new IOException("a line on the engine's socket is longer than " + MAX_BYTES);
      }
      fill();
    }
  }

  private void fill() throws IOException {
    int read = from.read(buffer.clear());
    buffer.flip();
    if (read < 0) {
      throw new EOFException("the other side of the engine's socket has closed it");
    }
  }

  /** All that comes from here on; closing it closes the socket. */
  InputStream rest() {
    byte[] read = new byte[buffer.remaining()];
    buffer.get(read);
    return new SequenceInputStream(new ByteArrayInputStream(read), Channels.newInputStream(from));
  }

  private static <T> T parse(byte[] line, Class<T> type) throws IOException {
    try {
      return Json.MAPPER.readValue(line, type);
    } catch (JacksonException e) {
      throw new IOException("not a " + type.getSimpleName() + ": " + e.getOriginalMessage(), e);
    }
  }
}
