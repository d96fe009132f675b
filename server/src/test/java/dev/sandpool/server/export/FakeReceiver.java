package dev.sandpool.server.export;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A receiver that keeps what it takes, and can be away, busy, slow or wrong. */
final class FakeReceiver implements AutoCloseable {
  /** What it answers, with a header where it has a name. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Reply(int status, String header, String value, byte[] body) {
    static final Reply OK = new Reply(200, "", "", new byte[0]);

    static Reply of(int status) {
      return new Reply(status, "", "", new byte[0]);
    }
  }

  /** A request, its body unzipped, its headers' names in lower case. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Request(String path, Map<String, String> headers, byte[] body) {}

  /** Answers a request; what it answers well has been taken. */
  interface Manner {
    Reply answer(Request request) throws InterruptedException;
  }

  private final List<Request> seen = new CopyOnWriteArrayList<>();
  private final List<Request> taken = new CopyOnWriteArrayList<>();
  private volatile Manner manner = _ -> Reply.OK;
  private final @Nullable SSLContext tls;
  private int port;
  private HttpServer server;
  private ExecutorService threads;

  FakeReceiver() throws IOException {
    this(null);
  }

  /**
   * @param tls null: without
   */
  FakeReceiver(@Nullable SSLContext tls) throws IOException {
    this.tls = tls;
    start();
  }

  void start() throws IOException {
    threads = Executors.newVirtualThreadPerTaskExecutor();
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    if (tls == null) {
      server = HttpServer.create(address, 0);
    } else {
      HttpsServer secure = HttpsServer.create(address, 0);
      secure.setHttpsConfigurator(new HttpsConfigurator(tls));
      server = secure;
    }
    port = server.getAddress().getPort();
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** Is away, in the middle of whatever it does. */
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) {
    try (exchange) {
      Map<String, String> headers = new TreeMap<>();
      exchange
          .getRequestHeaders()
          .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.getFirst()));
      byte[] body = new GZIPInputStream(exchange.getRequestBody()).readAllBytes();
      var request = new Request(exchange.getRequestURI().getPath(), headers, body);
      seen.add(request);
      Reply reply = manner.answer(request);
      if (reply.status() / 100 == 2) {
        taken.add(request);
      }
      if (!reply.header().isEmpty()) {
        exchange.getResponseHeaders().set(reply.header(), reply.value());
      }
      exchange.sendResponseHeaders(
          reply.status(), reply.body().length == 0 ? -1 : reply.body().length);
      exchange.getResponseBody().write(reply.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // Stopped in the middle: whoever sent this sends it again.
      throw new UncheckedIOException(e);
    }
  }

  /** Changes what it answers from now on. */
  void answers(Manner changed) {
    manner = changed;
  }

  URI url() {
    return URI.create((tls == null ? "http" : "https") + "://127.0.0.1:" + port);
  }

  ReceiverSettings settings() {
    return new ReceiverSettings(url(), Map.of(), Optional.empty(), Optional.empty());
  }

  /** All requests, also those that it did not take. */
  List<Request> seen() {
    return List.copyOf(seen);
  }

  List<Request> taken() {
    return List.copyOf(taken);
  }

  @Override
  public void close() {
    stop();
  }
}
