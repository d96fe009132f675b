package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.Http2Headers;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The head of an HTTP/2 request in the form that one of HTTP/1.1 has, for one set of rules. What
 * could not have stood in HTTP/1.1 is refused (RFC 9113, 8.2.1 and 10.3): written out, it would be
 * read as something else.
 */
final class CallerHead {
  private CallerHead() {}

  /**
   * Its headers, {@code :authority} as {@code Host}.
   *
   * @throws ArmException 400 for a method, name or value that HTTP/1.1 has no room for
   */
  static HttpHeaders headers(HttpServerRequest request) {
    requireToken(request.method().name());
    HttpHeaders headers =
        DefaultHttpHeadersFactory.headersFactory().withValidation(true).newHeaders();
    HostAndPort authority = request.authority();
    try {
      if (authority != null) {
        headers.add("host", authority.toString());
      }
      for (Map.Entry<String, String> entry : request.headers()) {
        String name = entry.getKey();
        if (name.startsWith(":") || isOfConnection(name)) {
          throw malformed("The header '" + name + "' has no meaning in HTTP/2.");
        }
        if (!name.equals("host")) {
          headers.add(name, entry.getValue());
        }
      }
    } catch (IllegalArgumentException e) {
      throw malformed("A header holds octets that no header may hold.");
    }
    return headers;
  }

  /** The same of its trailers; what is malformed in them is left out. */
  static @Nullable HttpHeaders trailers(@Nullable Http2Headers from) {
    if (from == null) {
      return null;
    }
    HttpHeaders trailers =
        DefaultHttpHeadersFactory.headersFactory().withValidation(true).newHeaders();
    for (Map.Entry<CharSequence, CharSequence> entry : from) {
      if (!entry.getKey().isEmpty() && entry.getKey().charAt(0) != ':') {
        trailers.add(entry.getKey(), entry.getValue());
      }
    }
    return trailers;
  }

  /** RFC 9113, 8.2.2: with these the request is malformed. */
  private static boolean isOfConnection(String name) {
    return switch (name) {
      case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade" -> true;
      default -> false;
    };
  }

  private static void requireToken(String method) {
    for (int i = 0; i < method.length(); i++) {
      char c = method.charAt(i);
      if (c <= ' ' || c >= 0x7f || "\"(),/:;<=>?@[\\]{}".indexOf(c) >= 0) {
        throw malformed("The method is no token.");
      }
    }
  }

  private static ArmException malformed(String message) {
    return new ArmException(400, "BadRequest", message);
  }
}
