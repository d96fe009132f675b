package dev.sandpool.server.gateway;

import org.jspecify.annotations.Nullable;

/** Which pool a request means. Answers from memory, never blocks; names without regard to case. */
public interface PoolDirectory {
  /** The pool that answers by that host name, or null. */
  @Nullable PoolRoute byHost(String host);

  /** The pool that was given that host as its own, or null; with or without a port. */
  @Nullable PoolRoute byDomain(String host);

  /** The pool of that path, or null. */
  @Nullable PoolRoute byPath(String subscription, String resourceGroup, String name);
}
