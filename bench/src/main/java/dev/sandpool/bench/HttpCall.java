package dev.sandpool.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One HTTP request on a connection of its own: as little as can be between the clock and the
 * socket.
 */
record HttpCall(InetSocketAddress server, String head) {
  /** An answer and how long it took from before connecting to its last byte. */
  record Answer(int status, Map<String, String> headers, String body, double millis) {
    Answer ok() throws IOException {
      if (status / 100 != 2) {
        throw new IOException("answered " + status + ": " + body);
      }
      return this;
    }
  }

  static HttpCall of(String method, String address, int port, String target, String... headers) {
    return request(method, address, port, target, "", headers);
  }

  /** The same call as a POST of JSON. */
  static HttpCall post(String address, int port, String target, String body, String header) {
    return request("POST", address, port, target, body, header, "Content-Type: application/json");
  }

  /** Any call; an empty body is none. */
  static HttpCall sending(
      String method, String address, int port, String target, String body, String header) {
    return body.isEmpty()
        ? request(method, address, port, target, body, header)
        : request(method, address, port, target, body, header, "Content-Type: application/json");
  }

  private static HttpCall request(
      String method, String address, int port, String target, String body, String... headers) {
    var head = new StringBuilder();
    head.append(method).append(' ').append(target).append(" HTTP/1.1\r\n");
    head.append("Host: ").append(address).append(':').append(port).append("\r\n");
    if (method.equals("POST") || !body.isEmpty()) {
      int length = body.getBytes(StandardCharsets.ISO_8859_1).length;
      head.append("Content-Length: ").append(length).append("\r\n");
    }
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    head.append("\r\n").append(body);
    return new HttpCall(
        new InetSocketAddress(InetAddress.ofLiteral(address), port), head.toString());
  }

  /** A connection that is kept for one request after another. */
  static final class Kept implements AutoCloseable {
    private final Socket socket;
    private final byte[] request;
    private final BufferedInputStream in;

    private Kept(Socket socket, byte[] request) throws IOException {
      this.socket = socket;
      this.request = request;
      this.in = new BufferedInputStream(socket.getInputStream());
    }

    Answer send() throws IOException {
      long begin = System.nanoTime();
      socket.getOutputStream().write(request);
      return receive(in, begin);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** Connects for many requests. */
  Kept keep() throws IOException {
    Socket socket = connect();
    return new Kept(socket, head.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends the request and does not wait for an answer. */
  Socket begin() throws IOException {
    Socket socket = connect();
    socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }

  private Socket connect() throws IOException {
    var socket = new Socket();
    socket.setTcpNoDelay(true);
    socket.connect(server, 5000);
    socket.setSoTimeout(60_000);
    return socket;
  }

  Answer send() throws IOException {
    return send(Duration.ofSeconds(5), Duration.ofSeconds(60));
  }

  Answer send(Duration connect, Duration answer) throws IOException {
    byte[] request = head.getBytes(StandardCharsets.ISO_8859_1);
    long begin = System.nanoTime();
    try (var socket = new Socket()) {
      socket.setTcpNoDelay(true);
      socket.connect(server, Math.toIntExact(connect.toMillis()));
      socket.setSoTimeout(Math.toIntExact(answer.toMillis()));
      OutputStream out = socket.getOutputStream();
      out.write(request);
      return receive(new BufferedInputStream(socket.getInputStream()), begin);
    }
  }

  private static Answer receive(InputStream in, long begin) throws IOException {
    String[] status = line(in).split(" ", 3);
    if (status.length < 2) {
      throw new IOException("no answer");
    }
    Map<String, String> headers = new HashMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
    double millis = (System.nanoTime() - begin) / 1e6;
    return new Answer(Integer.parseInt(status[1]), headers, body, millis);
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  @Override
  public String toString() {
    return "HttpCall[" + server + "]"; // the head has the token
  }
}
