package dev.sandpool.server.gateway;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A sandbox made of a raw socket: sees each request as bytes and answers as a test says. */
final class StubSandbox implements AutoCloseable {
  private final Thread acceptor;
  private final ServerSocket listener;
  private final Script script;
  private final CopyOnWriteArrayList<Socket> sockets = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();
  final ConcurrentLinkedQueue<Request> requests = new ConcurrentLinkedQueue<>();

  /** What a test does with a request; the connection goes on to the next one if it returns. */
  interface Script {
    void serve(Request request, InputStream in, OutputStream out) throws Exception;
  }

  /**
   * A request head as it arrived, in Latin-1.
   *
   * @param lines request line first
   * @param connection counts connections from 1
   */
  record Request(List<String> lines, int connection) {
    String line() {
      return lines.getFirst();
    }

    /** The values of a header, its name without regard to case. */
    List<String> header(String name) {
      String prefix = name.toLowerCase(java.util.Locale.ROOT) + ":";
      return lines.stream()
          .skip(1)
          .filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith(prefix))
          .map(line -> line.substring(prefix.length()).strip())
          .toList();
    }
  }

  /** What a script writes to; its end can be said while the script goes on reading. */
  static final class HalfClosable extends FilterOutputStream {
    private final Socket socket;

    HalfClosable(Socket socket) throws IOException {
      super(socket.getOutputStream());
      this.socket = socket;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    void shutdown() throws IOException {
      socket.shutdownOutput();
    }
  }

  StubSandbox(Script script) throws IOException {
    this.script = script;
    this.listener = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
    this.acceptor = Thread.ofVirtual().start(this::accept);
  }

  /** Answers everything with 200 and that body. */
  static StubSandbox answering(String body) throws IOException {
    return new StubSandbox((request, in, out) -> respond(out, body));
  }

  static void respond(OutputStream out, String body) throws IOException {
    write(out, "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
  }

  static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  int port() {
    return listener.getLocalPort();
  }

  int connections() {
    return connections.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        sockets.add(socket);
        int number = connections.incrementAndGet();
        Thread.ofVirtual().start(() -> serve(socket, number));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void serve(Socket socket, int number) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      List<String> head = readHead(in);
      while (!head.isEmpty()) {
        var request = new Request(head, number);
        requests.add(request);
        script.serve(request, in, new HalfClosable(socket));
        head = readHead(in);
      }
    } catch (Exception ended) {
      // The other side left, or the script wants the connection to end.
    }
  }

  /** Lines up to the empty one; none at the end of the stream. */
  static List<String> readHead(InputStream in) throws IOException {
    List<String> lines = new java.util.ArrayList<>();
    String line = readLine(in);
    while (line != null && !line.isEmpty()) {
      lines.add(line);
      line = readLine(in);
    }
    return lines;
  }

  static @org.jspecify.annotations.Nullable String readLine(InputStream in) throws IOException {
    var line = new ByteArrayOutputStream();
    int octet = in.read();
    if (octet < 0) {
      return null;
    }
    while (octet >= 0 && octet != '\n') {
      if (octet != '\r') {
        line.write(octet);
      }
      octet = in.read();
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    listener.close();
    awaitDeaf();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  /** As long as a thread is in accept, the system goes on to take connections. */
  private void awaitDeaf() {
    try {
      acceptor.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
