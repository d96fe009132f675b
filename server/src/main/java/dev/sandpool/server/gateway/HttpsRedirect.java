package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmError;
import dev.sandpool.model.Json;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A listener without TLS that sends everybody to the one with it (308, so that methods and bodies
 * stay). A request that brings a token is refused instead: sent on without a word, its caller would
 * never see that the token goes over the wire for everybody to read.
 */
public final class HttpsRedirect implements AutoCloseable, Handler<HttpServerRequest> {
  private static final Pattern HOST =
      Pattern.compile("([A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}])(:[0-9]{1,5})?");
  private static final int HTTPS = 443;

  private final int port;
  private final HttpServer server;

  private HttpsRedirect(Vertx vertx, int port) {
    this.port = port;
    this.server = vertx.createHttpServer(new HttpServerOptions()).requestHandler(this);
  }

  /**
   * Opens the port; blocks.
   *
   * @param to the port with TLS, as callers reach it
   * @throws IOException if it cannot be bound
   */
  public static HttpsRedirect open(Vertx vertx, String host, int port, int to) throws IOException {
    var redirect = new HttpsRedirect(vertx, to);
    try {
      redirect.server.listen(port, host).await();
    } catch (Exception e) { // Vert.x throws what went wrong, checked or not.
      throw new IOException("cannot listen on " + host + ":" + port + ": " + e.getMessage(), e);
    }
    return redirect;
  }

  /** The port that was bound. */
  public int port() {
    return server.actualPort();
  }

  @Override
  public void handle(HttpServerRequest request) {
    HttpServerResponse response = request.response().putHeader("Connection", "close");
    String host = request.getHeader("Host");
    Matcher matcher = HOST.matcher(host == null ? "" : host);
    if (bringsToken(request)) {
      refuse(
          response,
          403,
          "TlsRequired",
          "This address speaks without TLS. The token that came can have been read by others on the"
              + " way: renew it, and use https.");
    } else if (!matcher.matches() || !isPlain(request.uri())) {
      refuse(response, 400, "InvalidRequestTarget", "Neither host nor path can be sent elsewhere.");
    } else {
      String authority = matcher.group(1) + (port == HTTPS ? "" : ":" + port);
      response
          .setStatusCode(308)
          .putHeader("Location", "https://" + authority + request.uri())
          .end();
    }
  }

  /** In its header, or where WebSockets of browsers carry one. */
  private static boolean bringsToken(HttpServerRequest request) {
    return request.headers().contains("Authorization")
        || request.headers().getAll(SubprotocolToken.HEADER).stream()
            .anyMatch(line -> line.contains(SubprotocolToken.PREFIX));
  }

  /** A path of visible characters: nothing else may stand in a header. */
  private static boolean isPlain(String target) {
    return target.startsWith("/") && target.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  private static void refuse(HttpServerResponse response, int status, String code, String message) {
    response
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json; charset=utf-8")
        .putHeader("x-ms-error-code", code)
        .end(Json.MAPPER.writeValueAsString(new ArmError(code, message).envelope()));
  }

  @Override
  public void close() {
    server.close().await();
  }
}
