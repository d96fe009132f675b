package dev.sandpool.e2e.attack;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A gateway without what keeps callers apart: all of them share one connection to the sandbox, and
 * what an answer left on it is where the next begins. It believes the first length that it reads,
 * any framing, and that its connection lives for ever.
 */
final class CarelessGateway implements AutoCloseable {
  private final InetSocketAddress sandbox;
  private final ServerSocket listener;
  private final Thread thread;
  private @Nullable Socket upstream;
  private @Nullable InputStream answers;

  /** One before that sandbox. */
  CarelessGateway(InetSocketAddress sandbox) throws IOException {
    this.sandbox = sandbox;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.thread = Thread.ofVirtual().start(this::serve);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** One caller after the other. */
  private void serve() {
    while (!listener.isClosed()) {
      try (Socket caller = listener.accept()) {
        caller.setSoTimeout(5000);
        forward(caller);
      } catch (IOException e) {
        // This caller's connection is over; the sandbox's is kept.
      }
    }
  }

  private void forward(Socket caller) throws IOException {
    var requests = new BufferedInputStream(caller.getInputStream());
    for (String head = head(requests); !head.isEmpty(); head = head(requests)) {
      InputStream from = answers(head);
      copyAnswer(from, caller.getOutputStream());
      if (head.toLowerCase(Locale.ROOT).contains("connection: close")) {
        return;
      }
    }
  }

  /** Where answers come from, once the request is on its way. */
  private InputStream answers(String request) throws IOException {
    Socket open = upstream;
    InputStream from = answers;
    if (open == null || from == null) {
      open = new Socket();
      open.connect(sandbox, 5000);
      open.setSoTimeout(1000);
      from = new BufferedInputStream(open.getInputStream());
      upstream = open;
      answers = from;
    }
    open.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
    return from;
  }

  /** Head and body as the head has it; whatever comes then stays where it is. */
  private static void copyAnswer(InputStream from, OutputStream caller) throws IOException {
    long length = 0;
    boolean lengthKnown = false;
    boolean chunked = false;
    for (String line = line(from); ; line = line(from)) {
      caller.write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      if (line.isEmpty()) {
        break;
      }
      String field = line.toLowerCase(Locale.ROOT);
      if (field.startsWith("content-length:") && !lengthKnown) {
        length = Long.parseLong(field.substring("content-length:".length()).strip());
        lengthKnown = true;
      }
      chunked |= field.startsWith("transfer-encoding: chunked");
    }
    if (!chunked) {
      caller.write(from.readNBytes((int) length));
      return;
    }
    for (String size = line(from); !size.isEmpty(); size = line(from)) {
      caller.write((size + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      caller.write(from.readNBytes(Integer.parseInt(size, 16)));
      caller.write((line(from) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      if (size.equals("0")) {
        return;
      }
    }
  }

  /** A request's head; empty where none comes any more. */
  private static String head(InputStream from) throws IOException {
    var head = new StringBuilder();
    for (String line = line(from); !line.isEmpty(); line = line(from)) {
      head.append(line).append("\r\n");
    }
    return head.isEmpty() ? "" : head.append("\r\n").toString();
  }

  /** Without its end; empty at the end of all. */
  private static String line(InputStream from) throws IOException {
    var line = new ByteArrayOutputStream();
    for (int next = from.read(); next >= 0 && next != '\n'; next = from.read()) {
      line.write(next);
    }
    return line.toString(StandardCharsets.ISO_8859_1).replaceFirst("\r$", "");
  }

  @Override
  public void close() throws IOException, InterruptedException {
    listener.close();
    thread.join();
    Socket open = upstream;
    if (open != null) {
      open.close();
    }
  }
}
