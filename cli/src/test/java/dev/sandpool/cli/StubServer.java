package dev.sandpool.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sandpool.model.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A server that answers what a test laid down, once each, and remembers what it was asked. */
final class StubServer implements AutoCloseable {
  private static final String BASE =
      "/subscriptions/sub-1/resourceGroups/my-group/providers/Microsoft.App/";

  private final HttpServer http;
  private @Nullable Reply otherwise;
  private final Map<String, Deque<Reply>> replies = new ConcurrentHashMap<>();
  private final List<Seen> seen = new CopyOnWriteArrayList<>();

  /** An answer; the last one laid down for a request is given for ever. */
  record Reply(int status, String body, Map<String, String> headers) {}

  /** A request. */
  record Seen(String line, String query, String authorization, String body) {
    JsonNode json() {
      return Json.MAPPER.readTree(body);
    }
  }

  StubServer() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/", this::handle);
    http.start();
    on(
        "POST /tenant-1/oauth2/v2.0/token",
        200,
        "{\"access_token\":\"token-1\",\"expires_in\":3600}");
  }

  String url() {
    return "http://127.0.0.1:" + http.getAddress().getPort();
  }

  static String pool(String name) {
    return BASE + "sessionPools/" + name;
  }

  static String environment(String name) {
    return BASE + "managedEnvironments/" + name;
  }

  StubServer on(String line, int status, String body, String... headers) {
    Map<String, String> map = new ConcurrentHashMap<>();
    for (int i = 0; i < headers.length; i += 2) {
      map.put(headers[i], headers[i + 1]);
    }
    replies
        .computeIfAbsent(line, key -> new ArrayDeque<>())
        .add(new Reply(status, body, Map.copyOf(map)));
    return this;
  }

  /** Takes back what was laid down for a request, and answers that. */
  void replace(String line, String body) {
    replies.remove(line);
    on(line, 200, body);
  }

  /** What is answered where nothing was laid down, instead of 404; null: 404 again. */
  void answerElse(@Nullable String body) {
    otherwise = body == null ? null : new Reply(200, body, Map.of());
  }

  List<Seen> seen() {
    return List.copyOf(seen);
  }

  List<String> lines() {
    return seen.stream().map(Seen::line).toList();
  }

  Seen the(String line) {
    return seen.stream()
        .filter(one -> one.line().equals(line))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + line + " in " + lines()));
  }

  private void handle(HttpExchange exchange) throws IOException {
    var uri = exchange.getRequestURI();
    String line = exchange.getRequestMethod() + " " + uri.getPath();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    seen.add(new Seen(line, query, authorization == null ? "" : authorization, body));
    Reply reply = next(line);
    reply.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
    byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(reply.status(), bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private synchronized Reply next(String line) {
    Deque<Reply> queue = replies.getOrDefault(line, new ArrayDeque<>());
    if (queue.isEmpty() && otherwise != null) {
      return otherwise;
    }
    if (queue.isEmpty()) {
      return new Reply(
          404,
          "{\"error\":{\"code\":\"ResourceNotFound\",\"message\":\"no %s\"}}".formatted(line),
          Map.of());
    }
    return queue.size() == 1 ? queue.getFirst() : queue.removeFirst();
  }

  @Override
  public void close() {
    http.stop(0);
  }
}
