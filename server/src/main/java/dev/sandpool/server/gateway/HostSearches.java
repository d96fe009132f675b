package dev.sandpool.server.gateway;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.session.SessionEntry;
import dev.sandpool.server.session.Sessions;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who holds the host that a session has of its own, where a request does not say it: remembered, or
 * looked for among all sessions of a pool, beside the loop. One for each event loop.
 */
final class HostSearches {
  /** Each goes through all sessions of a pool. */
  private static final int MOST = 4;

  private final Loop loop;
  private final Sessions<SandboxConnections> sessions;
  private final SessionHosts hosts;
  private int underWay;

  HostSearches(Loop loop, Sessions<SandboxConnections> sessions, SessionHosts hosts) {
    this.loop = loop;
    this.sessions = sessions;
    this.hosts = hosts;
  }

  /** The session of that host, if it was found before and is still there. */
  @Nullable SessionEntry<SandboxConnections> known(PoolId pool, String hash) {
    SessionKey known = hosts.session(pool, hash);
    return known == null ? null : sessions.find(known);
  }

  /** Whether no further one may be begun now. */
  boolean areTooMany() {
    return underWay >= MOST;
  }

  /**
   * Looks through all sessions of the pool; one of the two is told of its end, on the loop.
   *
   * @param end whose the host is, if it is anybody's
   */
  void begin(
      PoolId pool,
      String hash,
      Consumer<Optional<SessionKey>> end,
      Consumer<RuntimeException> failure) {
    underWay++;
    Thread.ofVirtual().name("session-host").start(() -> search(pool, hash, end, failure));
  }

  private void search(
      PoolId pool,
      String hash,
      Consumer<Optional<SessionKey>> end,
      Consumer<RuntimeException> failure) {
    try {
      Optional<SessionKey> found =
          sessions.list(pool).stream()
              .map(view -> new SessionKey(pool, view.identifier()))
              .filter(key -> hash.equals(hosts.hash(key)))
              .findFirst();
      loop.run(
          () -> {
            underWay--;
            found.ifPresent(key -> hosts.remember(hash, key));
            end.accept(found);
          });
    } catch (RuntimeException e) {
      loop.run(
          () -> {
            underWay--;
            failure.accept(e);
          });
    }
  }
}
