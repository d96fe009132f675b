package dev.sandpool.server.gateway;

import io.netty.util.AsciiString;

/**
 * Which headers pass and which do not (design: "headers to the sandbox", "headers from the
 * sandbox"; hop-by-hop: RFC 9110, 7.6.1). Decides by name alone, by length first: most headers are
 * told apart without comparing a character.
 */
final class HeaderRules {
  private static final AsciiString FORWARDED_PREFIX = AsciiString.cached("x-forwarded-");
  private static final AsciiString ERROR_CODE = AsciiString.cached("x-ms-error-code");
  private static final AsciiString OUR_PREFIX = AsciiString.cached("sandpool-");

  private HeaderRules() {}

  /**
   * Whether a header ends at the gateway on the way to a sandbox: hop-by-hop, framing that is
   * written anew, credentials, and what only we may say.
   */
  static boolean endsHere(CharSequence name) {
    boolean named =
        switch (name.length()) {
          case 2 -> is(name, "te");
          case 6 -> is(name, "expect");
          case 7 -> is(name, "upgrade");
          case 9 -> is(name, "forwarded") || isRead(name, "x-real-ip");
          case 10 -> is(name, "connection") || is(name, "keep-alive");
          case 13 -> is(name, "authorization");
          case 14 -> is(name, "content-length") || is(name, "http2-settings");
          case 16 -> is(name, "proxy-connection");
          case 17 -> is(name, "transfer-encoding");
          case 19 -> is(name, "proxy-authorization");
          default -> false;
        };
    return named || begins(name, FORWARDED_PREFIX) || begins(name, OUR_PREFIX);
  }

  /** Whether a header is about a trace (W3C Trace Context), and passes only with a valid one. */
  static boolean isOfTrace(CharSequence name) {
    return switch (name.length()) {
      case 10 -> is(name, "tracestate");
      case 11 -> is(name, "traceparent");
      default -> false;
    };
  }

  /**
   * Whether a header of a sandbox's answer goes no further: hop-by-hop, framing, or a statement
   * about the whole origin, which the sandbox shares with others and does not speak for.
   */
  static boolean staysBehind(CharSequence name) {
    boolean named =
        switch (name.length()) {
          case 0 -> true;
          case 2 -> is(name, "te");
          case 3 -> is(name, "nel");
          case 7 -> is(name, "upgrade") || is(name, "alt-svc");
          case 9 -> is(name, "report-to");
          case 10 -> is(name, "connection") || is(name, "keep-alive");
          case 15 -> begins(name, ERROR_CODE) || is(name, "clear-site-data");
          case 16 -> is(name, "proxy-connection");
          case 17 -> is(name, "transfer-encoding");
          case 18 -> is(name, "proxy-authenticate");
          case 19 -> is(name, "reporting-endpoints");
          case 25 -> is(name, "strict-transport-security");
          default -> false;
        };
    return named || begins(name, OUR_PREFIX);
  }

  /** Whether a trailer of a sandbox may not be passed on (RFC 9110, 6.5.1). */
  static boolean isForbiddenTrailer(CharSequence name) {
    return staysBehind(name)
        || is(name, "content-length")
        || is(name, "set-cookie")
        || is(name, "trailer")
        || is(name, "host");
  }

  /**
   * Whether a trailer of a request may not be passed on (RFC 9110, 6.5.1): what is read before the
   * body must not be said anew after it.
   */
  static boolean isForbiddenRequestTrailer(CharSequence name) {
    return endsHere(name)
        || is(name, "host")
        || is(name, "cookie")
        || is(name, "trailer")
        || is(name, "content-type")
        || is(name, "content-encoding")
        || is(name, "content-range")
        || saysOtherMethod(name)
        || saysOtherPath(name);
  }

  /** Whether applications take a request for one of the method that such a header names. */
  static boolean saysOtherMethod(CharSequence name) {
    return isRead(name, "x-http-method-override")
        || isRead(name, "x-http-method")
        || isRead(name, "x-method-override");
  }

  /** Whether they take it for one of another path. */
  static boolean saysOtherPath(CharSequence name) {
    return isRead(name, "x-original-url") || isRead(name, "x-rewrite-url");
  }

  /** Whether a cookie asks to be sent to other hosts than the one that sets it. */
  static boolean isForParentDomain(CharSequence setCookie) {
    String cookie = setCookie.toString();
    int semicolon = cookie.indexOf(';');
    while (semicolon >= 0) {
      int next = cookie.indexOf(';', semicolon + 1);
      int end = next < 0 ? cookie.length() : next;
      int equals = cookie.indexOf('=', semicolon + 1, end);
      String attribute = cookie.substring(semicolon + 1, equals < 0 ? end : equals).strip();
      if (attribute.equalsIgnoreCase("domain")) {
        return true;
      }
      semicolon = next;
    }
    return false;
  }

  /** Names are compared without regard to case. */
  static boolean is(CharSequence name, CharSequence other) {
    return AsciiString.contentEqualsIgnoreCase(name, other);
  }

  /** Whether some applications take one name for the other; compares as {@link #begins} does. */
  private static boolean isRead(CharSequence name, CharSequence other) {
    return name.length() == other.length() && begins(name, other);
  }

  /**
   * Anything but letters and digits counts as a hyphen: applications behind CGI-like interfaces see
   * an underscore for it, which of them it was they cannot tell.
   *
   * @param prefix in lower case
   */
  private static boolean begins(CharSequence name, CharSequence prefix) {
    int length = prefix.length();
    if (name.length() < length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (read(name.charAt(i)) != prefix.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static char read(char c) {
    if (c >= 'A' && c <= 'Z') {
      return (char) (c | 0x20);
    }
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
  }
}
