package dev.sandpool.e2e;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What stands between a browser and a pool in an application that keeps its token to itself: one
 * page of its own, and everything else passed on, byte for byte, with identifier and token put in.
 */
final class BrowserRelay implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
  private final CopyOnWriteArrayList<Socket> sockets = new CopyOnWriteArrayList<>();
  private final CompletableFuture<String> result = new CompletableFuture<>();
  private final URI endpoint;
  private final String identifier;
  private final String token;
  private final String page;

  BrowserRelay(TestPool pool, String identifier, String page) throws IOException {
    this.endpoint = URI.create(pool.endpoint());
    this.identifier = identifier;
    this.token = pool.client().token(TestClient.SESSIONS);
    this.page = page;
    Thread.ofVirtual().start(this::accept);
  }

  /** Where the page is. */
  String url() {
    return "http://127.0.0.1:" + listener.getLocalPort() + "/page";
  }

  /** What the page has sent to {@code /result?}. */
  CompletableFuture<String> result() {
    return result;
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

  private void serve(Socket browser) {
    try (browser) {
      InputStream in = new BufferedInputStream(browser.getInputStream());
      String head = head(in);
      String target = head.isEmpty() ? "/" : head.split(" ", 3)[1];
      if (target.startsWith("/result?")) {
        result.complete(target.substring("/result?".length()));
        answer(browser, "thanks");
      } else if (target.equals("/page")) {
        answer(browser, page);
      } else if (!head.isEmpty()) {
        pass(browser, in, head, target);
      }
    } catch (IOException ended) {
      // One of both has left.
    }
  }

  private static String head(InputStream in) throws IOException {
    var head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int octet = in.read();
      if (octet < 0) {
        return "";
      }
      head.write(octet);
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  private static void answer(Socket browser, String text) throws IOException {
    browser
        .getOutputStream()
        .write(
            ("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: "
                    + text.length()
                    + "\r\n\r\n"
                    + text)
                .getBytes(StandardCharsets.ISO_8859_1));
  }

  private void pass(Socket browser, InputStream in, String head, String target) throws IOException {
    try (var gateway = new Socket(endpoint.getHost(), endpoint.getPort())) {
      sockets.add(gateway);
      String full =
          endpoint.getRawPath()
              + target
              + (target.contains("?") ? "&" : "?")
              + "identifier="
              + identifier;
      // One request a connection: a second one would pass without identifier and token.
      String asked =
          head.replaceFirst(" \\S+ ", " " + full + " ")
              .replaceFirst("(?i)\r\nConnection: keep-alive", "\r\nConnection: close")
              .replaceFirst("\r\n", "\r\nAuthorization: Bearer " + token + "\r\n");
      gateway.getOutputStream().write(asked.getBytes(StandardCharsets.ISO_8859_1));
      Thread up = Thread.ofVirtual().start(() -> copy(in, gateway));
      gateway.getInputStream().transferTo(browser.getOutputStream());
      browser.close();
      up.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void copy(InputStream from, Socket to) {
    try {
      from.transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException ended) {
      // One of both has left.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
