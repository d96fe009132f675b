package dev.sandpool.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A caller with one connection that costs as little as it can: no library in between. */
final class LocalCaller implements AutoCloseable {
  private static final String LENGTH = "content-length: ";

  private final Socket socket;
  private final InputStream in;
  private final byte[] buffer = new byte[16_384];

  LocalCaller(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(30_000);
    in = socket.getInputStream();
  }

  /**
   * Sends a request and reads its whole answer.
   *
   * @throws IOException also if the answer is not 200
   */
  void exchange(byte[] request) throws IOException {
    socket.getOutputStream().write(request);
    int length = 0;
    int whole = Integer.MAX_VALUE;
    while (length < whole) {
      int read = in.read(buffer, length, buffer.length - length);
      if (read < 0) {
        throw new IOException("the connection was closed");
      }
      length += read;
      whole = whole == Integer.MAX_VALUE ? wholeLength(length) : whole;
    }
  }

  private int wholeLength(int length) throws IOException {
    String text = new String(buffer, 0, length, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n\r\n");
    if (end < 0) {
      return Integer.MAX_VALUE;
    }
    if (!text.startsWith("HTTP/1.1 200")) {
      throw new IOException(text);
    }
    String head = text.substring(0, end + 2).toLowerCase(java.util.Locale.ROOT);
    int at = head.indexOf(LENGTH) + LENGTH.length();
    return end + 4 + Integer.parseInt(head.substring(at, head.indexOf('\r', at)));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
