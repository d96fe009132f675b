package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import dev.sandpool.server.ledger.SessionKey;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a token for one session says (decision 29). It names the sandbox that the session had when
 * it was issued, and a sandbox serves one session once: so it ends with the session, and neither a
 * later one of the same identifier nor a restart brings it back.
 *
 * @param pool the internal id of the session's pool
 * @param sandbox the only one that it opens
 * @param methods those that it is good for; empty: all
 * @param pathPrefix what paths must begin with, whole segments; empty: anything
 */
record SessionToken(
    String pool,
    String identifier,
    String sandbox,
    List<String> methods,
    String pathPrefix,
    Instant expires) {
  /** Dots, slashes and backslashes that are encoded; empty segments, and those of dots. */
  private static final Pattern AMBIGUOUS =
      Pattern.compile("%(2e|2f|5c|25)|\\\\|//|/\\.\\.?(/|$)|;", Pattern.CASE_INSENSITIVE);

  SessionToken {
    methods = List.copyOf(methods);
  }

  /**
   * Refuses all that it was not issued for, before anything is looked up: the answer is the same
   * whether there is such a pool, and such an identifier, or not.
   *
   * @param route null where there is no such pool
   * @param identifier the one that the caller names besides; null: none
   * @throws ArmException 403
   */
  void require(
      @Nullable PoolRoute route, String method, String target, @Nullable String identifier) {
    boolean here =
        route != null
            && route.pool().value().equals(pool)
            && (identifier == null || identifier.equals(this.identifier));
    if (!here) {
      throw refused("another session than the token's is asked for");
    }
    if (!methods.isEmpty() && !methods.contains(method)) {
      throw refused("the token is for the methods " + String.join(", ", methods));
    }
    if (!pathPrefix.isEmpty() && !below(target)) {
      throw refused("the token is for paths below '" + pathPrefix + "'");
    }
  }

  /**
   * Refuses headers that make something else of a request than what it was admitted for.
   *
   * @throws ArmException 403
   */
  void requireNoOther(HttpHeaders headers) {
    if (!methods.isEmpty()) {
      refuse(HeaderRules::saysOtherMethod, headers);
    }
    if (!pathPrefix.isEmpty()) {
      refuse(HeaderRules::saysOtherPath, headers);
    }
  }

  private static void refuse(Predicate<String> other, HttpHeaders headers) {
    for (String name : headers.names()) {
      if (other.test(name)) {
        throw refused("the header '" + name + "' would make another request of it");
      }
    }
  }

  /** What an application might read as another path than it looks like is below nothing. */
  private boolean below(String target) {
    int query = target.indexOf('?');
    String path = query < 0 ? target : target.substring(0, query);
    if (AMBIGUOUS.matcher(path).find()) {
      return false;
    }
    return path.equals(pathPrefix)
        || path.startsWith(pathPrefix.endsWith("/") ? pathPrefix : pathPrefix + "/");
  }

  /** The session that it opens. */
  SessionKey key(PoolRoute route) {
    return new SessionKey(route.pool(), identifier);
  }

  private static ArmException refused(String why) {
    return new ArmException(
        403, "Forbidden", "The session token does not allow this: " + why + ".");
  }

  @Override
  public String toString() {
    return "SessionToken[" + sandbox + "]"; // a record would print the identifier
  }
}
