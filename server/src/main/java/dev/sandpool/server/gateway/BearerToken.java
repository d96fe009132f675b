package dev.sandpool.server.gateway;

import org.jspecify.annotations.Nullable;

/** The token of an {@code Authorization: Bearer} header (RFC 6750, 2.1). */
final class BearerToken {
  private static final String SCHEME = "Bearer ";

  private BearerToken() {}

  /** The token, or null if the value is not of that form. */
  static @Nullable String of(String authorization) {
    if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return null;
    }
    String token = authorization.substring(SCHEME.length()).strip();
    return token.isEmpty() || token.indexOf(' ') >= 0 ? null : token;
  }
}
