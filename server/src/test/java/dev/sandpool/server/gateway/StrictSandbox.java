package dev.sandpool.server.gateway;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A sandbox that reads requests by the letter of RFC 9112 and keeps a list of all that no two
 * readers would be sure to read alike.
 */
final class StrictSandbox implements AutoCloseable {
  private static final Pattern REQUEST_LINE =
      Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+) (/[^\\x00-\\x20\\x7f]*|\\*) HTTP/1\\.1");
  private static final Pattern HEADER =
      Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\\t\\x20-\\x7e\\x80-\\xff]*)");
  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  private static final int LONGEST_LINE = 200_000;

  private final ServerSocket listener;
  private final CopyOnWriteArrayList<Socket> sockets = new CopyOnWriteArrayList<>();

  /** Requests that came here. */
  final ConcurrentLinkedQueue<Seen> seen = new ConcurrentLinkedQueue<>();

  /** What should not have been sent. */
  final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();

  /**
   * A request.
   *
   * @param id that the gateway gave it
   */
  record Seen(String target, String id) {}

  /** Bytes that break the grammar. */
  private static final class Fault extends Exception {
    private static final long serialVersionUID = 1L;

    Fault(String message) {
      super(message, null, false, false);
    }
  }

  StrictSandbox() throws IOException {
    listener = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        sockets.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (String line = firstLine(in); line != null; line = firstLine(in)) {
        Seen request = request(line, in);
        seen.add(request);
        String body = request.target();
        boolean head = line.startsWith("HEAD ");
        int length = body.length();
        StubSandbox.write(
            socket.getOutputStream(),
            "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n" + (head ? "" : body));
      }
    } catch (Fault fault) {
      faults.add(fault.getMessage());
    } catch (IOException ended) {
      // The gateway left, in the middle of a body perhaps, as its caller did.
    } finally {
      sockets.remove(socket);
    }
  }

  private Seen request(String line, InputStream in) throws IOException, Fault {
    Matcher first = REQUEST_LINE.matcher(line);
    if (!first.matches()) {
      throw new Fault("request line: " + line);
    }
    String target = first.group(2);
    int hosts = 0;
    long length = -1;
    boolean chunked = false;
    String id = null;
    for (String[] header : headers(in, target)) {
      switch (header[0].toLowerCase(java.util.Locale.ROOT)) {
        case "host" -> hosts++;
        case "content-length" -> {
          if (length >= 0 || !header[1].matches("[0-9]{1,18}")) {
            throw new Fault("length '%s' of %s".formatted(header[1], target));
          }
          length = Long.parseLong(header[1]);
        }
        case "transfer-encoding" -> {
          if (chunked || !header[1].equals("chunked")) {
            throw new Fault("transfer encoding '%s' of %s".formatted(header[1], target));
          }
          chunked = true;
        }
        case "sandpool-request-id" -> {
          if (id != null || !ID.matcher(header[1]).matches()) {
            throw new Fault("id '%s' of %s".formatted(header[1], target));
          }
          id = header[1];
        }
        default -> {}
      }
    }
    if (hosts != 1 || id == null || (chunked && length >= 0)) {
      throw new Fault("hosts, id or framing of " + target);
    }
    if (chunked) {
      chunks(in, target);
    } else if (length > 0) {
      in.skipNBytes(length);
    }
    return new Seen(target, id);
  }

  private static List<String[]> headers(InputStream in, String target) throws IOException, Fault {
    List<String[]> headers = new java.util.ArrayList<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      Matcher header = HEADER.matcher(line);
      if (!header.matches()) {
        throw new Fault("header '%s' of %s".formatted(line, target));
      }
      headers.add(new String[] {header.group(1), header.group(2).strip()});
    }
    return headers;
  }

  private static void chunks(InputStream in, String target) throws IOException, Fault {
    while (true) {
      String size = line(in);
      if (!size.matches("[0-9a-fA-F]{1,8}")) {
        throw new Fault("chunk size '%s' of %s".formatted(size, target));
      }
      int length = Integer.parseInt(size, 16);
      if (length == 0) {
        headers(in, target);
        return;
      }
      in.skipNBytes(length);
      if (!line(in).isEmpty()) {
        throw new Fault("bytes after a chunk of " + target);
      }
    }
  }

  /** The next line; null where the gateway closes between requests. */
  private static @org.jspecify.annotations.Nullable String firstLine(InputStream in)
      throws IOException, Fault {
    in.mark(1);
    if (in.read() < 0) {
      return null;
    }
    in.reset();
    return line(in);
  }

  /** Up to CR LF; either of them alone is a fault. */
  private static String line(InputStream in) throws IOException, Fault {
    var line = new StringBuilder();
    while (line.length() < LONGEST_LINE) {
      int octet = in.read();
      switch (octet) {
        case -1 -> throw new EOFException();
        case '\n' -> throw new Fault("line feed alone after: " + line);
        case '\r' -> {
          int next = in.read();
          if (next == '\n') {
            return line.toString();
          }
          if (next >= 0) {
            throw new Fault("carriage return alone after: " + line);
          }
        }
        default -> line.append((char) octet);
      }
    }
    throw new Fault("line without end: " + line.substring(0, 200));
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
