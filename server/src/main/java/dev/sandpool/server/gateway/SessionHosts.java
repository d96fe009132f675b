package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.PoolId;
import dev.sandpool.server.ledger.SessionKey;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The host name that each session has of its own, {@code HASH--POOL.ENV-DOMAIN}: a web origin that
 * documents of no other session share. What it remembers is for one event loop; names may be asked
 * for on any thread.
 *
 * <p>The hash is keyed: a name tells nobody an identifier, and nobody else can make one.
 */
final class SessionHosts {
  /** Of a keyed hash: 96 bits. */
  static final int DIGITS = 24;

  private static final String SEPARATOR = "--";
  private static final int LONGEST_LABEL = 63;
  private static final int MOST_REMEMBERED = 10_000;

  private final @Nullable UnaryOperator<String> hashing;

  /** Sessions by their hash, those asked for last. */
  private final Map<String, SessionKey> remembered =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, SessionKey> eldest) {
          return size() > MOST_REMEMBERED;
        }
      };

  /**
   * @param hashing a keyed hash, in at least 24 hexadecimal digits; null: no session has a host
   */
  SessionHosts(@Nullable UnaryOperator<String> hashing) {
    this.hashing = hashing;
  }

  /** Where in a host name the pool's begins; -1: it is not of this form. */
  static int poolIn(String host) {
    int end = DIGITS + SEPARATOR.length();
    boolean formed = host.length() > end && host.startsWith(SEPARATOR, DIGITS);
    for (int i = 0; formed && i < DIGITS; i++) {
      formed = Character.digit(host.charAt(i), 16) >= 0;
    }
    return formed ? end : -1;
  }

  /**
   * The origin of a session; null if it has none: its pool answers by path only, or the name has no
   * room.
   */
  @Nullable String origin(PoolRoute route, String identifier) {
    String hash = hash(new SessionKey(route.pool(), identifier));
    String host = route.host();
    if (hash == null
        || host == null
        || hash.length() + SEPARATOR.length() + host.indexOf('.') > LONGEST_LABEL) {
      return null;
    }
    URI endpoint = URI.create(route.endpoint());
    String port = endpoint.getPort() < 0 ? "" : ":" + endpoint.getPort();
    return endpoint.getScheme() + "://" + hash + SEPARATOR + host + port;
  }

  /** Hash of a session; null if none has a host. Costs microseconds. */
  @Nullable String hash(SessionKey key) {
    return hashing == null
        ? null
        : hashing.apply(key.pool().value() + "/" + key.identifier()).substring(0, DIGITS);
  }

  /**
   * Makes sure that a request stays in the origin of its session.
   *
   * @throws ArmException 400 if the host is that of another one
   */
  void require(String hash, SessionKey key) {
    if (key.equals(remembered.get(hash))) {
      return;
    }
    if (!hash.equals(hash(key))) {
      throw new ArmException(
          400, "InvalidSessionHost", "The host is not that of the session of 'identifier'.");
    }
    remember(hash, key);
  }

  /** The session of that pool whose host was asked lately; null if it has to be looked for. */
  @Nullable SessionKey session(PoolId pool, String hash) {
    SessionKey key = remembered.get(hash);
    return key != null && key.pool().equals(pool) ? key : null;
  }

  void remember(String hash, SessionKey key) {
    remembered.put(hash, key);
  }
}
