package dev.sandpool.server.identity;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The bearer token of an {@code Authorization} header (RFC 6750 section 2.1). */
public final class BearerToken {
  private static final String SCHEME = "Bearer ";

  private BearerToken() {}

  /** The token, if the header is there, its scheme is Bearer in any case, and it holds one. */
  public static Optional<String> of(@Nullable String authorization) {
    if (authorization == null
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Optional.empty();
    }
    String token = authorization.substring(SCHEME.length()).strip();
    return token.isEmpty() || token.indexOf(' ') >= 0 ? Optional.empty() : Optional.of(token);
  }
}
