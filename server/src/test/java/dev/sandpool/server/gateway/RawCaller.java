package dev.sandpool.server.gateway;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** A caller made of a raw socket: sends any bytes and reads what comes back. */
final class RawCaller implements AutoCloseable {
  private final Socket socket;
  private final InputStream in;

  RawCaller(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(20_000);
    in = new BufferedInputStream(socket.getInputStream());
  }

  /**
   * An answer.
   *
   * @param head status line first
   * @param trailers after the last chunk
   */
  record Answer(List<String> head, String body, List<String> trailers) {
    int status() {
      return Integer.parseInt(head.getFirst().split(" ", 3)[1]);
    }

    List<String> header(String name) {
      String prefix = name.toLowerCase(Locale.ROOT) + ":";
      return head.stream()
          .skip(1)
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
          .map(line -> line.substring(prefix.length()).strip())
          .toList();
    }
  }

  RawCaller send(String text) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    return this;
  }

  Socket socket() {
    return socket;
  }

  InputStream in() {
    return in;
  }

  /** The next answer, interim ones too; the body by length, chunks or the end of the stream. */
  Answer receive() throws IOException {
    return receive(false);
  }

  Answer receive(boolean headOnly) throws IOException {
    List<String> head = StubSandbox.readHead(in);
    if (head.isEmpty()) {
      throw new IOException("the connection was closed before an answer");
    }
    var answer = new Answer(head, "", List.of());
    int status = answer.status();
    if (headOnly || status < 200 || status == 204 || status == 304) {
      return answer;
    }
    if (!answer.header("Transfer-Encoding").isEmpty()) {
      var body = new StringBuilder();
      List<String> trailers = readChunks(body);
      return new Answer(head, body.toString(), trailers);
    }
    List<String> length = answer.header("Content-Length");
    byte[] body =
        length.isEmpty() ? in.readAllBytes() : in.readNBytes(Integer.parseInt(length.getFirst()));
    return new Answer(head, new String(body, StandardCharsets.ISO_8859_1), List.of());
  }

  private List<String> readChunks(StringBuilder body) throws IOException {
    while (true) {
      String chunk = readChunk();
      if (chunk.isEmpty()) {
        return StubSandbox.readHead(in);
      }
      body.append(chunk);
    }
  }

  /** One chunk of a chunked body; empty for the last. */
  String readChunk() throws IOException {
    String size = StubSandbox.readLine(in);
    if (size == null) {
      throw new IOException("the body was cut");
    }
    int length = Integer.parseInt(size, 16);
    var bytes = new ByteArrayOutputStream();
    bytes.write(in.readNBytes(length));
    if (length > 0) {
      StubSandbox.readLine(in);
    }
    return bytes.toString(StandardCharsets.ISO_8859_1);
  }

  /** Whether the end of the stream is there already; what else is there stays to be read. */
  boolean isClosed() throws IOException {
    in.mark(1);
    socket.setSoTimeout(200);
    try {
      int next = in.read();
      in.reset();
      return next < 0;
    } catch (java.net.SocketTimeoutException nothing) {
      return false;
    } finally {
      socket.setSoTimeout(20_000);
    }
  }

  /** The end of the stream, a reset included. */
  boolean isCut() {
    try {
      return in.read() < 0;
    } catch (IOException reset) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
