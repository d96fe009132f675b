package dev.sandpool.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** The application in all sandboxes of a {@link StageEngine}: answers every request the same. */
final class StageApplication implements AutoCloseable {
  /** Where it listens. */
  static final String ADDRESS = "127.0.0.1";

  private static final int BACKLOG = 1024;
  private static final byte[] ANSWER =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nplayed"
          .getBytes(StandardCharsets.US_ASCII);

  private final ServerSocket door;

  StageApplication() throws IOException {
    door = new ServerSocket(0, BACKLOG, InetAddress.ofLiteral(ADDRESS));
    Thread.ofVirtual().name("stage").start(this::accept);
  }

  int port() {
    return door.getLocalPort();
  }

  private void accept() {
    while (!door.isClosed()) {
      try {
        Socket caller = door.accept();
        Thread.ofVirtual().name("stage-call").start(() -> answer(caller));
      } catch (IOException e) {
        // It was closed, or the next caller may fare better.
        Thread.yield();
      }
    }
  }

  private static void answer(Socket caller) {
    try (caller) {
      caller.setTcpNoDelay(true);
      var lines =
          new BufferedReader(
              new InputStreamReader(caller.getInputStream(), StandardCharsets.ISO_8859_1));
      OutputStream out = caller.getOutputStream();
      String line = lines.readLine();
      while (line != null) {
        if (line.isEmpty()) {
          out.write(ANSWER);
          out.flush();
        }
        line = lines.readLine();
      }
    } catch (IOException e) {
      return; // The caller has gone, as callers do.
    }
  }

  @Override
  public void close() throws IOException {
    door.close();
  }
}
