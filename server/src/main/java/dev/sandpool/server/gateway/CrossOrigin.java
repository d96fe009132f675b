package dev.sandpool.server.gateway;

import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/**
 * The CORS protocol (Fetch standard, 3.2) for a pool that lets scripts of other origins call it:
 * spoken here, because an application behind a token cannot answer a preflight, which has none.
 */
final class CrossOrigin {
  private static final CharSequence ORIGIN = AsciiString.cached("origin");
  private static final CharSequence VARY = AsciiString.cached("vary");
  private static final CharSequence ALLOW_ORIGIN = name("allow-origin");
  private static final CharSequence EXPOSE_HEADERS = name("expose-headers");
  private static final CharSequence ALLOW_METHODS = name("allow-methods");
  private static final CharSequence ALLOW_HEADERS = name("allow-headers");
  private static final CharSequence MAX_AGE = name("max-age");
  private static final CharSequence ASKED_METHOD = name("request-method");
  private static final CharSequence ASKED_HEADERS = name("request-headers");

  /** Browsers ask again after at most two hours in any case. */
  private static final String TWO_HOURS = "7200";

  private static final String PREFIX = "access-control-";

  private CrossOrigin() {}

  private static CharSequence name(String word) {
    return AsciiString.cached(PREFIX + word);
  }

  /** The origin of a caller that the pool lets in; null: none is said, or it is not let in. */
  private static @Nullable String admitted(BrowserRules rules, RequestHeaders headers) {
    String origin = headers.all().get(ORIGIN);
    return origin != null && rules.allows(origin) ? origin : null;
  }

  /**
   * Answers a preflight of an origin that is let in.
   *
   * @return whether it was one, which needs no token and goes no further
   */
  static boolean tookPreflight(
      BrowserRules rules, HttpServerRequest request, RequestHeaders headers, RequestId id) {
    String origin = rules.letsOthersIn() ? admitted(rules, headers) : null;
    if (origin == null
        || !request.method().equals(HttpMethod.OPTIONS)
        || !headers.all().contains(ASKED_METHOD)) {
      return false;
    }
    answerPreflight(request, headers, id, origin);
    return true;
  }

  /** What it asks for is allowed: the token decides, not the origin. */
  private static void answerPreflight(
      HttpServerRequest request, RequestHeaders headers, RequestId id, String origin) {
    HttpServerResponse response = request.response();
    response.setStatusCode(204);
    response.putHeader(ALLOW_ORIGIN, origin);
    response.putHeader(ALLOW_METHODS, headers.all().get(ASKED_METHOD));
    String asked = headers.all().get(ASKED_HEADERS);
    if (asked != null) {
      response.putHeader(ALLOW_HEADERS, asked);
    }
    response.putHeader(MAX_AGE, TWO_HOURS);
    response.putHeader(VARY, ORIGIN + ", " + ASKED_METHOD + ", " + ASKED_HEADERS);
    response.putHeader(Names.REQUEST_ID, id.toString());
    Problems.end(request, "");
  }

  /** Has an answer that begins say whose scripts may read it, be it a refusal. */
  static void begin(BrowserRules rules, RequestHeaders asked, MultiMap answer) {
    if (rules.letsOthersIn()) {
      answer.add(VARY, ORIGIN);
      allow(rules, asked, answer);
    }
  }

  /** Replaces what a sandbox says of other origins: here the pool's settings speak alone. */
  static void replace(BrowserRules rules, RequestHeaders asked, MultiMap answer) {
    if (!rules.letsOthersIn()) {
      return;
    }
    for (String name : answer.names()) {
      if (name.regionMatches(true, 0, PREFIX, 0, PREFIX.length())) {
        answer.remove(name);
      }
    }
    allow(rules, asked, answer);
  }

  private static void allow(BrowserRules rules, RequestHeaders asked, MultiMap answer) {
    String origin = admitted(rules, asked);
    if (origin != null) {
      answer.set(ALLOW_ORIGIN, origin);
      // Without credentials in the sense of Fetch, which a bearer token is not, this means all.
      answer.set(EXPOSE_HEADERS, "*");
    }
  }
}
