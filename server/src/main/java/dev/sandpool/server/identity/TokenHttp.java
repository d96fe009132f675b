package dev.sandpool.server.identity;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What endpoints that issue tokens have in common: small forms in, small answers out. */
final class TokenHttp {
  static final String FORM = "application/x-www-form-urlencoded";
  private static final int MAXIMUM_BODY = 16 * 1024;

  private TokenHttp() {}

  static boolean isForm(HttpServerRequest request) {
    @Nullable String type = request.getHeader("content-type");
    return type != null && type.toLowerCase(Locale.ROOT).startsWith(FORM);
  }

  static void whenRead(HttpServerRequest request, Consumer<Buffer> then) {
    Buffer body = Buffer.buffer();
    request.handler(
        part -> {
          if (body.length() + part.length() > MAXIMUM_BODY) {
            request.handler(null).endHandler(null);
            refuse(request, 413, "the body is larger than 16 KiB");
          } else {
            body.appendBuffer(part);
          }
        });
    request.endHandler(_ -> then.accept(body));
  }

  static void answer(HttpServerResponse response, TokenResponse token, boolean basic) {
    if (token instanceof TokenResponse.Later later) {
      response.putHeader("retry-after", Integer.toString(later.seconds()));
    }
    if (token.status() == 401 && basic) {
      response.putHeader("www-authenticate", "Basic realm=\"sandpool\"");
    }
    answer(response, token.status(), token.json());
  }

  /** The rest of a body that nobody reads would be taken for the next request: hence the close. */
  static void refuse(HttpServerRequest request, int status, String description) {
    if (!HttpVersion.HTTP_2.equals(request.version())) { // where the header is not allowed
      request.response().putHeader("connection", "close");
    }
    var refused = new TokenResponse.Refused(status, "invalid_request", description);
    answer(request.response(), status, refused.json());
  }

  static void answer(HttpServerResponse response, int status, String json) {
    if (!response.ended() && !response.closed()) {
      response
          .setStatusCode(status)
          .putHeader("content-type", "application/json; charset=utf-8")
          .putHeader("cache-control", "no-store")
          .putHeader("pragma", "no-cache")
          .end(json);
    }
  }
}
