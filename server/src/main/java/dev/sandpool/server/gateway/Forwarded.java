package dev.sandpool.server.gateway;

import io.netty.util.AsciiString;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * Where a request came from by the word of a trusted proxy, in the headers that proxies use for it.
 *
 * @param addresses of the caller and all proxies since, the last one's added here
 * @param scheme {@code http} or {@code https}, which the caller spoke
 * @param host that the caller asked for
 */
record Forwarded(String addresses, String scheme, CharSequence host) {
  private static final CharSequence FOR = AsciiString.cached("x-forwarded-for");
  private static final CharSequence PROTO = AsciiString.cached("x-forwarded-proto");
  private static final CharSequence HOST = AsciiString.cached("x-forwarded-host");

  /** What a trusted proxy says; null if none sent the request. What it leaves open is seen here. */
  static @Nullable Forwarded of(
      TrustedProxies proxies, HttpServerRequest request, RequestHeaders headers) {
    if (!proxies.include(request.remoteAddress())) {
      return null;
    }
    String proxy = request.remoteAddress().hostAddress();
    String said = String.join(", ", headers.all().getAll(FOR));
    String host = last(headers, HOST);
    return new Forwarded(
        said.isEmpty() ? proxy : said + ", " + proxy,
        scheme(last(headers, PROTO), request.isSSL()),
        host == null ? headers.host() : host);
  }

  /** The nearest proxy's word: those before it, callers among them, may have said anything. */
  private static @Nullable String last(RequestHeaders headers, CharSequence name) {
    String all = String.join(",", headers.all().getAll(name));
    String last = all.substring(all.lastIndexOf(',') + 1).strip();
    return last.isEmpty() ? null : last;
  }

  private static String scheme(@Nullable String said, boolean secure) {
    if ("https".equalsIgnoreCase(said)) {
      return "https";
    }
    return "http".equalsIgnoreCase(said) || !secure ? "http" : "https";
  }
}
