package dev.sandpool.server.session;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.Lifecycle;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.time.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that this server remembers, by key and by sandbox. Nothing in it blocks.
 *
 * @param <U> what the gateway keeps for a sandbox
 */
final class SessionTable<U extends Upstream> {
  private final UpstreamFactory<U> upstreams;
  private final Time time;
  private final ConcurrentHashMap<SessionKey, SessionEntry<U>> byKey = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<SandboxId, SessionEntry<U>> bySandbox = new ConcurrentHashMap<>();

  /** One for all sessions of a lifecycle. */
  private final ConcurrentHashMap<Lifecycle, SessionLife> lives = new ConcurrentHashMap<>();

  private final ConcurrentHashMap<PoolId, PoolId> pools = new ConcurrentHashMap<>();

  SessionTable(UpstreamFactory<U> upstreams, Time time) {
    this.upstreams = upstreams;
    this.time = time;
  }

  /** The session of a key, open or closing. */
  @Nullable SessionEntry<U> of(SessionKey key) {
    return byKey.get(key);
  }

  /** The session of a sandbox, open or closing. */
  @Nullable SessionEntry<U> of(SandboxId sandbox) {
    return bySandbox.get(sandbox);
  }

  /** All of them, as they are while it is walked. */
  Collection<SessionEntry<U>> all() {
    return byKey.values();
  }

  /** Takes up the session of an allocated sandbox. */
  void remember(SandboxRecord sandbox, Lifecycle lifecycle) {
    SessionKey key = sandbox.session();
    String address = sandbox.address();
    if (key == null || address == null) {
      throw new IllegalStateException("sandbox " + sandbox.id() + " is not allocated");
    }
    Instant since = sandbox.allocatedAt() == null ? time.now() : sandbox.allocatedAt();
    U upstream = upstreams.create(sandbox.id(), address, sandbox.targetPort());
    SessionLife life = lives.computeIfAbsent(lifecycle, SessionLife::new);
    // A key of ours for each would be a pool's id for each: the ledger makes them anew.
    var own = new SessionKey(pools.computeIfAbsent(key.pool(), id -> id), key.identifier());
    Duration age = Duration.between(since, time.now());
    var entry = new SessionEntry<>(own, sandbox.id(), since, life, age, upstream, time.nanos());
    bySandbox.put(sandbox.id(), entry);
    byKey.put(own, entry);
  }

  /** The pool is no more. */
  void forget(PoolId pool) {
    pools.remove(pool);
  }

  /** Forgets a session of whose sandbox nothing is left. */
  void forget(SessionEntry<U> entry) {
    bySandbox.remove(entry.sandbox(), entry);
    byKey.remove(entry.key(), entry);
  }
}
